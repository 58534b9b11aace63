"""What in a note speaks to a language model, in the other languages that most models know."""

_GAP = r"[^.!?\n]{0,50}"

STRONG = (
    # German
    (
        rf"\b(?:ignorier|vergiss|vergessen sie|missacht|verwirf|übergeh){_GAP}\b(?:anweisung|"
        rf"instruktion|"
        r"befehl|vorgabe|regeln|prompt|aufforderung|obige|vorherige|bisherige)"
    ),
    (
        rf"\b(?:gib|geben sie|antworte(?:n sie)?|schreibe?(?:n sie)?|sage?|sagen "
        rf"sie){_GAP}\b(?:nur|"
        r"ausschließlich|lediglich|folgende[nrs]?|das wort|den satz|den text|den code)\b"
        r",? ?(?:mit\b|den\b|das\b|aus\b|die\b|\"|:|wort|satz|text|code|[a-z]+-\d)"
    ),
    rf"\b(?:statt|anstatt|anstelle){_GAP}\bzusammen(?:zu)?fass",
    (
        rf"\b(?:in|zu|an|mit) (?:deiner?|ihrer?|die|der) (?:zusammenfassung|antwort|ausgabe) {_GAP}"
        r"\b(?:schreib|ein|auf|hinzu|beginn|end|füg)"
    ),
    rf"\b(?:füge|fügen sie|nimm|beginne|beende|schreibe?){_GAP}\b(?:zusammenfassung|ausgabe)\b",
    (
        r"\b(?:du bist|sie sind) (?:jetzt|nun|ab sofort) (?:ein|im|kein)|\bsystem-?(?:prompt|"
        r"anweisung|"
        r"nachricht)|\bals (?:ki|sprachmodell|künstliche intelligenz)\b|\b(?:sprachmodell|"
        r"ki-modell|"
        r"ki-assistent)\w*\b"
    ),
    # Spanish, Portuguese
    (
        rf"\b(?:ignor[ae]n?|ignorar|olvid[ae]n?|olvidar|esque[cç]a|esquecer|desconsider[ae]|"
        rf"descart[ae]|"
        rf"desobede[cz]\w+|haga caso omiso){_GAP}\b(?:instruc|indicaciones (?:anteriores|previas)|"
        r"instruç|órdenes|ordens|comandos|prompt|(?:lo|o que foi dito) (?:anterior|acima))"
    ),
    (
        rf"\b(?:respond[ea]n?|contest[ea]n?|escrib[ea]n?|escreva|imprim[ea]|di(?:ga)?|devuelva|"
        rf"devuelve)"
        rf"{_GAP}\b(?:solo|sólo|solamente|únicamente|apenas|somente|exactamente|exatamente|la "
        rf"palabra|"
        r"a palavra|la frase|a frase|el texto|o texto|el código|o código)\b"
    ),
    r"\b(?:en (?:lugar|vez) de|em vez de|ao invés de) (?:un |una |um |uma |el |o )?resum",
    (
        rf"\b(?:incluy[ae]|añad[ae]|agreg[aue]+|inclua|adicione|acrescente|comience|termine|"
        rf"comece){_GAP}"
        r"\b(?:resumen|resumo|respuesta|resposta)\b"
    ),
    (
        r"\b(?:ahora eres|eres ahora|agora você é|você agora é|ahora es usted) |\b(?:prompt|"
        r"mensaje|"
        r"mensagem|instrucciones|instruções) (?:del?|do) sistema\b|\bmodelo de (?:lenguaje|"
        r"linguagem)\b|"
        r"\bcomo (?:una ia|uma ia|inteligencia artificial)\b"
    ),
    # French
    (
        rf"\b(?:ignor(?:e[rz]?|ons)|oubli(?:e[rz]?)|ne ten(?:ez|ir) pas compte|fais "
        rf"abstraction){_GAP}"
        r"\b(?:instructions?|consignes?|directives?|ordres|prompt|règles|ce qui précède)\b"
    ),
    (
        rf"\b(?:répond(?:s|ez|re)|écri(?:s|vez|re)|di(?:s|tes)|affiche[rz]?|"
        rf"imprime[rz]?){_GAP}\b(?:"
        r"uniquement|seulement|exclusivement|simplement|rien d'autre|le mot|la phrase|le texte|"
        r"le code)"
        r"\b"
    ),
    r"\bau lieu (?:de|d'(?:un|en)) ?(?:faire |écrire )?(?:un |le )?résum",
    (
        rf"\b(?:inclu(?:s|re|ez)|ajoute[rz]?|insère|insérez|commence[rz]?|termine[rz]?|mets|"
        rf"mettez){_GAP}"
        r"\b(?:résumé|réponse)\b"
    ),
    (
        r"\b(?:tu es|vous êtes) (?:maintenant|désormais) (?:une?|en|le)|\b(?:invite|message|prompt|"
        r"instructions?) (?:du )?système\b|\bmodèle de langage\b|\ben tant qu'(?:ia|intelligence)"
    ),
    # Italian
    (
        rf"\b(?:ignor(?:a|are|i|ate)|dimentic(?:a|are|hi|ate)|trascura){_GAP}\b(?:istruzion|"
        rf"direttiv|"
        r"comand|ordini|prompt|regole|quanto sopra)"
    ),
    (
        rf"\b(?:rispond(?:i|a|ere|ete)|scriv(?:i|a|ere|ete)|stampa|di'){_GAP}\b(?:solo|soltanto|"
        r"solamente|esclusivamente|la parola|la frase|il testo|il codice)\b"
    ),
    (
        rf"\binvece (?:di (?:riassumere|un riassunto|fare)|del riassunto)|\b(?:includ[ia]|"
        rf"aggiung[ia]|"
        rf"inserisc[ia]){_GAP}\b(?:riassunto|risposta)\b"
    ),
    (
        r"\b(?:ora|adesso|d'ora in poi) (?:sei|lei è) |\b(?:prompt|messaggio|istruzioni) di "
        r"sistema\b|"
        r"\bmodello linguistico\b"
    ),
    # Dutch
    (
        rf"\b(?:negeer|vergeet){_GAP}\b(?:instructies?|opdrachten|aanwijzingen|regels|prompt|"
        r"bovenstaande)\b"
    ),
    (
        rf"\b(?:antwoord|schrijf|zeg|geef|druk){_GAP}\b(?:alleen|uitsluitend|slechts|het woord|"
        rf"de zin|"
        r"de tekst|de code)\b"
    ),
    (
        rf"\bin plaats van (?:een |de |het )?samenvat|\b(?:neem|voeg|begin|"
        rf"eindig){_GAP}\bsamenvatting\b"
        r"|\bje bent (?:nu|vanaf nu) een\b|\bsysteem-?(?:prompt|bericht|instructie)|\btaalmodel\b"
    ),
    # Russian
    (
        rf"(?:игнорируй|игнорировать|проигнорируй|забудь|не обращай внимания){_GAP}(?:инструкц|"
        rf"указани|"
        r"команд|правил|промпт|предыдущ|выше)"
    ),
    (
        rf"(?:ответь|отвечай|напиши|выведи|скажи|напечатай){_GAP}(?:только|лишь|слово|фразу|текст|"
        r"следующ|ничего кроме)"
    ),
    (
        r"вместо (?:резюме|краткого|пересказа|обобщения|того,? чтобы)|(?:добавь|включи|вставь)"
        rf"{_GAP}(?:резюме|ответ|сводк|итог)|системн\w+ (?:промпт|сообщени|инструкци|подсказк)|"
        r"ты (?:теперь|отныне) |языков\w+ модел"
    ),
    # Chinese
    (
        r"(?:忽略|无视|忘记|忘掉|不要理会|忽視|無視|不要遵守)[^。\n]{0,20}(?:指令|指示|说明|提示|命令|规则|"
        r"內容|内容|規則|說明)"
    ),
    (
        r"(?:只|仅|請只|请只|仅需)(?:输出|回复|回答|回覆|輸出|写|打印|说)|(?:输出|回复|打印|輸出|回覆|说出)"
        r"[^。\n]{0,8}(?:以下|单词|文字|字符|这句|这个词|下列)|(?:不要|别|請勿|请勿)(?:总结|摘要|概括)|"
        r"你现在是|你現在是|系统提示|系統提示|系统消息|而不是(?:总结|摘要)|语言模型|語言模型|"
        r"(?:在|将|把)[^。\n]{0,20}(?:摘要|总结)(?:中|里|的)?[^。\n]{0,10}(?:加入|写|包含|添加|说)"
    ),
    # Japanese
    (
        r"(?:指示|命令|プロンプト|ルール|内容)[^。\n]{0,8}(?:無視|忘れ)|(?:無視|忘れ)[^。\n]{0,6}(?:して|し、|て、)"
        r"[^。\n]{0,12}(?:出力|答え|回答|書|言)|(?:だけ|のみ)(?:を)?[^。\n]{0,6}(?:出力|答え|回答|返答|返し|書い|言っ)|"
        r"(?:と|を)(?:出力|返答|表示)して(?:ください|下さい|$|。)|あなたは(?:今|これ)から|システムプロンプト|要約(?:の代わり|"
        r"する代わり|せずに|しないで|に(?:は|次|以下)?[^。\n]{0,20}(?:含め|追加|書))|言語モデル"
    ),
)
