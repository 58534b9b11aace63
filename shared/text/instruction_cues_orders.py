"""Orders to forget what was said, to give away a prompt, or to say certain words."""

from shared.text.instruction_words import (
    ANY,
    ORDER,
    ORDERS,
    SUMMARIZE,
    TEXT,
    TONGUE,
    UNSAY,
    WORDING,
)

STRONG = (
    rf"\b{UNSAY} {ANY}{{0,8}}(?<=[\s,-]){ORDERS}\b(?<!medication instructions)",
    (
        rf"\b{UNSAY} (?:\w+ )?(?:everything|anything|all|whatever|what) (?:that )?(?:(?:has |"
        rf"have |had )"
        r"?(?:been |was |is |you (?:were|have been|had been) |you were )?(?:said |told |"
        r"written |stated "
        r"|given |instructed )?(?:to you )?)?(?:above|before this|previously|so far|prior to "
        r"this|else "
        r"(?:above|here|in this)|you (?:were|have been) (?:told|instructed|given|asked))\b"
    ),
    (
        rf"\b{UNSAY} the (?:above|foregoing|preceding|previous|rest of the|following) ?(?:text|"
        rf"note|"
        r"document|content|message|context|conversation|input|words|lines)?,? ?(?:and|then|"
        r"instead|:)"
    ),
    (
        rf"\b{UNSAY} (?:the |this |that )?(?:(?:clinical |medical )?(?:note|document|text|"
        rf"input|record|"
        r"report) (?:above|below|and (?:instead )?(?:output|print|say|write|respond|reply|answer))|"
        r"(?:your|the) (?:task|role|job|purpose|assignment) )"
    ),
    (
        r"\b(?:supersedes?|overrides?|takes? (?:precedence|priority) over|replaces?|cancels?|"
        rf"invalidates?) {ANY}{{0,8}}(?<=[\s,-]){ORDERS}\b"
    ),
    (
        r"\b(?:end|start|beginning|begin) (?:of )?(?:the )?(?:system |user )?(?:prompt|"
        r"instructions? "
        r"block|context window|untrusted|user input|input text|system message)\b"
    ),
    (
        rf"{ORDER}(?:respond|reply|answer)(?: to (?:this|everything|any|all|me|every)(?: "
        rf"\w+){{0,3}})?,? "
        r"(?:back )?(?:only|exactly|solely|just|simply|exclusively|with only|with nothing but|"
        r"with just|"
        r"with exactly|with the (?:single |exact |following |one |code |secret )?"
        rf"{WORDING}|with (?:a single|one) (?:word|letter|emoji)|with:|with \"|with '|as follows|"
        rf"in {TONGUE}|with [a-z]+-?\d|nothing but)"
    ),
    (
        rf"{ORDER}(?:output|print|emit|echo) (?:only|just|exactly|nothing|verbatim|the "
        rf"following|this|"
        r"\"|')"
    ),
    (
        rf"{ORDER}(?:output|print|emit|say|write|reply|type|append)(?: only| just| exactly| "
        rf"with|:)? "
        r"?[\"']?[a-z]{2,}(?:[-.][a-z0-9]+)*[-.:#]?\d{2,}"
    ),
    (
        rf"\b(?:when|while|whenever|before|after|once|if)(?: you(?:'re| are)?)?(?: asked to| "
        rf"told to| are"
        rf" done| finished| have)? {SUMMARIZE}d?(?: (?:this|the|that|my|our|these) )?{TEXT}?"
        r"[^.!?\n]{0,60}"
    ),
    rf"\b(?:do not|don't|never|stop|cease|refuse to|without) {SUMMARIZE}\b",
    (
        r"\b(?:follow|obey|comply with|execute|carry out|perform|adhere to|heed) (?:these|this|the "
        r"(?:following|new|below|next)|my|only these|only the) (?:new |next |following "
        r")*(?:instructions?"
        r"|commands?|prompts?|directives?|orders?)(?: instead| below only| exactly|:? ?\"|,? not)"
    ),
    (
        r"\b(?:your|the) (?:new|real|actual|true|next|updated|only) (?:and (?:only|final) "
        r")?(?:task|"
        r"instructions?|role|objective|assignment|prompt) (?:is|are|will be|now)\b"
    ),
    r"\bthis is (?:your|the) (?:new|real|actual|updated|true) (?:task|instruction|prompt|system)",
    (
        r"\b(?:decode|decrypt|decipher|execute|run|follow|evaluate) (?:the |this |these "
        r")?(?:following |"
        r"below |above |encoded |hidden )*(?:base ?64|rot ?13|hex|binary|morse|cipher|encoded|"
        r"hidden|"
        r"secret) (?:string|text|message|instructions?|code|command|payload|block)"
    ),
    r"\bonly (?:output|print|respond with|reply with|answer with|write|say) (?:the|\"|'|this)",
    (
        r"\b(?:output|print|respond|reply|answer|say|write)(?: with)? nothing (?:else|but|more|"
        r"other)\b"
    ),
    (
        r"\b(?:stop|end) (?:processing|reading) (?:this|the) (?:note|document|text|here)[^\n]{0,40}"
        r"\b(?:and|then|instead)\b"
    ),
    r"\btell (?:the|your) (?:user|reader|human)\b",
    (
        rf"\b(?:copy|repeat|complete|finish|reproduce|transcribe|recite) (?:this|the following|"
        rf"these|"
        rf"that) (?:{WORDING})(?: exactly| verbatim| word for word)? ?(?::|exactly|verbatim|word)"
    ),
    (
        r"\b(?:recite|repeat|print|reveal|show|output|echo|quote|list|leak|dump) "
        r"[^.!?\n]{0,60}\b(?:(?:"
        r"this|our|the) (?:conversation|chat|context(?: window)?)|initiali[sz]ation|preamble|"
        r"everything (?:above|before this|you (?:were|have|know)))\b"
    ),
    (
        r"\bwhat (?:were|was|are|have) you (?:been )?(?:told|instructed|given|prompted|asked)"
        r"(?: to do)? (?:before|above|prior|in (?:your|the) (?:prompt|system))"
    ),
    (
        rf"\b(?:skip|disregard|ignore|forget) (?:the |this )?(?:rest|remainder|entirety|whole|"
        rf"all) of "
        rf"(?:this|the) {TEXT} ?,? ?(?:and|;|:|then)"
    ),
    (
        rf"{ORDER}(?:begin|start|end|finish|open|close|conclude)(?: it| everything)? with "
        r"(?:\"|'|[a-z]+-\d)"
    ),
    (
        rf"\b{UNSAY} {ANY}{{0,6}}(?:previous|prior|above|earlier|preceding) (?:directions|"
        rf"orders (?:and|you)|requests)\b"
    ),
    (
        r"\b(?:what|which|how)(?: \w+){0,4} your (?:system )?prompt (?:say|contain|read|begin|"
        r"start|look)"
    ),
    r"\bsudo [a-z]|\{\{[^\n}]{0,80}(?:ignore|system|instruction|prompt)",
)
