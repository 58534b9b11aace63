"""Roles that a model is given, those that address it, and the marks of chats."""

from shared.text.instruction_words import MODEL, SAY

STRONG = (
    (
        r"\byou are (?:now )?(?:no longer )?(?:an? |the |my )(?:[a-z-]+ ){0,4}?(?:chatbot|bot|"
        r"language "
        r"model|llm|pirate|translator|poet|summari[sz]er|gpt|dan|hacker|parrot|ai|ai assistant|"
        r"assistant (?:who|that|which|called|named)|helpful assistant|unrestricted assistant)\b"
    ),
    (
        r"\byou are now (?:in )?(?:an? )?(?:developer|debug|jail ?break|unrestricted|dan\b|admin|"
        r"maintenance|test(?:ing)? mode|root|god|free (?:of|from) (?:all|any|your))"
    ),
    (
        r"\b(?:act as (?:if you (?:are|were)|an? (?:ai|bot|chatbot|pirate|translator|poet|"
        r"linux|terminal"
        r"|language model|different))|pretend (?:to be|that you are|you are|you're) (?:an? "
        r")?(?:ai|bot|"
        r"chatbot|pirate|dan|different|unrestricted|language model|poet|evil|the)|role-?play as)\b"
    ),
    (
        r"\b(?:from now on|from this point(?: on(?:wards?)?| forward)?|henceforth),? (?:you "
        r"(?:will|must"
        r"|shall|should|are to) )?(?:only |always |never |just )?(?:respond|reply|output|print|"
        r"ignore|behave|act as|write (?:only|every|in)|speak (?:only|like|in)|end every|begin "
        r"every|"
        r"answer (?:only|every|all|with|in)|you are (?:an?|the|called|named))\b"
    ),
    r"\bsystem[ -]?(?:prompt|message|instruction|override|directive|command)s?\b",
    (
        r"\b(?:new|updated|revised|real|actual|true|hidden|additional|secret|developer|override|"
        r"priority|urgent|next) (?:instructions?|directives?|tasks?|prompts?|commands?|orders?) "
        rf"?(?:for|to) (?:you\b|{MODEL})"
    ),
    (
        r"(?:^|\n|[\[(<#]) ?(?:system|assistant|developer|ai|user|human|model)(?: \([\w ]{1,20}\))?"
        r" ?[\])>]? ?: ?[\"\[]?(?:you (?:are|must|will|should|shall|have)|ignore|disregard|forget|"
        r"respond|output|say|print|write|reply|repeat|reveal|new|override|sure|of course|"
        r"certainly|here "
        r"(?:is|are)|here's|okay|ok,|the above|the (?:real |actual |true )?summary|please "
        r"(?:ignore|"
        r"output|print|say|write|repeat|add|include)|i (?:will|am|have been|cannot|must)|update|"
        r"your|"
        r"this (?:note|document|text|message|conversation)|end (?:of|your|the)|"
        r"what (?:is|are|was) (?:your|the)|add|include|append|from now|now (?:ignore|output|say))"
    ),
    (
        r"< ?\| ?[a-z][a-z0-9 ]{1,24}\| ?>|\[/?inst\]|<</?sys>>|<(?:start|end) of turn>|"
        r"<\/?(?:system|assistant|instructions?|prompt|system prompt|im start|im end)>|"
        r"</? ?note(?: [0-9a-z]{1,80})? ?>|\[/?(?:system|assistant|system message|system prompt)\]|"
        r"#{2,6} ?(?:system|new instructions?|instructions?(?: \w+)?:|response:|assistant)(?=:|"
        r"\s|$)|"
        r"#{2,6} ?(?:instruction|response)\b|"
        r"<\uff5c[^\n\uff5c]{2,30}\uff5c>|\[/?available tools\]|<(?:tool|function) call>"
    ),
    (
        rf"\b(?:note|message|attention|instructions?|memo|reminder|hint|warning|important|"
        rf"directive|"
        rf"command|request|notice|information|info|guidance|addressed|addendum|comment|meant|"
        rf"intended)"
        rf"(?: \w+)?[ :-]+ ?(?:to|for|of)? ?{MODEL}(?: ?[:,.!)\n-]|$| (?:read|process|that|who|"
        rf"summari|"
        r"review|only|and|model|below|system))"
    ),
    (
        rf"\b(?:dear|hey|hi|hello|attention|listen|ok|okay|for|to|if you are|if you're|you,)[ "
        rf",]+(?:up )?"
        rf"{MODEL}(?: (?:read|process|summari)\w*(?: this| the)?(?: \w+)?)? ?(?:[:,!]|\n|please|"
        rf"- )"
    ),
    (
        rf"\b(?:{MODEL}|the (?:assistant|model|system|reader model|machine|summary generator)) "
        r"(?:reading this |processing this |summari[sz]ing this |[a-z]+ing this \w+ )?"
        r"(?:should|must|will|shall|is to|has to|needs to|is (?:required|instructed|asked|"
        r"requested|"
        r"told|advised|kindly asked|obliged) to|ought to|may now|are to|are asked to|is "
        r"expected to)"
        r" (?:now |only |always |not |never |also |simply |please |then |instead |kindly |"
        r"therefore )*"
        r"(?:ignore|output|respond|reply|print|say|write|include|add|state|answer|begin|start|end|"
        r"mention|repeat|reveal|disregard|summari|generate|produce|return|append|insert|obey|"
        r"comply|"
        r"follow|forget|translate|stop|refuse|quote|put|conclude|display|close|finish|echo|omit|"
        r"use|"
        r"read as)"
    ),
    (
        r"\bas an? (?:ai\b(?: (?:language )?(?:model|assistant))?|artificial intelligence|"
        r"(?:large )?"
        r"language model|llm|chatbot)"
    ),
    (
        r"\bi(?:'m| am) (?:just |only )?(?:an? )?(?:ai (?:language )?(?:model|assistant)|"
        r"(?:large )?"
        r"language model|chatbot|llm)\b"
    ),
    (
        r"\b(?:developer|debug|dan|god|jailbreak|unrestricted) mode (?:is |has been )?(?:now "
        r")?(?:on|"
        r"enabled|activated?|engaged|:)|\bdo anything now\b|\bjail ?break|\bprompt injection|"
        r"\b(?:admin(?:istrator)?|root|system|security) override\b|\bprompt ?: ?(?:ignore|you)"
    ),
    (
        rf"(?:^|\n|<!-- ?|\( ?){MODEL} ?: ?(?:please )?(?:{SAY}|ignore|disregard|forget|you|do "
        rf"not|"
        r"repeat|reveal|the|translate|stop)\b"
    ),
    (
        r"(?:^|\n|[.!?] )(?:assistant|ai|model|chatbot|response|output|completion) ?: ?(?:sure|"
        r"of course|"
        r"certainly|here (?:is|are)|here's|okay|i am an? ai|as an ai)"
    ),
    (
        r"\bi(?: am|'m) (?:your|the) (?:developer|creator|administrator|system administrator|"
        r"programmer|"
        r"operator|prompt engineer|owner)\b"
    ),
    (
        r"\byou (?:have been|were|are being) (?:hacked|jailbroken|compromised|reprogrammed|"
        r"overridden|"
        r"reset)\b"
    ),
    (
        r"\blet(?:'s| us) play a game ?[:.,;!] ?(?:each|every|you|from|i|whenever|when|in)\b|"
        r"\b(?:each|every) time you (?:read|see|process|summari[sz]e|are given) (?:an? |the |"
        r"this )?(?:\w+ )?(?:note|text|document|record|report)\b"
    ),
)
