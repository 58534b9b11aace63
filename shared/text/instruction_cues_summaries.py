"""What is said of the summary or the answer that is to be written."""

from shared.text.instruction_words import MARK, ORDER, SAY, SUMMARY, TONGUE, WORDING

STRONG = (
    (
        r"\b(?:new|updated|revised|hidden|secret|developer|priority|actual|real|override) "
        r"(?:instructions?|directives?|prompts?|commands?) ?: ?(?:you|ignore|disregard|forget|"
        r"output|"
        r"print|say|write|respond|reply|answer|include|add|append|instead|end|begin|do not|the "
        r"summary|"
        r"summari|stop|only|repeat|reveal|from now|always|your)\b"
    ),
    (
        r"\b(?:repeat|print|reveal|show|output|display|tell (?:me|us)|disclose|share|echo|"
        r"recite|leak|"
        r"dump|copy|write (?:out|down)|list|quote|return|translate|paraphrase|what (?:is|are|"
        r"was|were)|"
        r"expose|describe|state|include|append|give(?: me| us)?|publish|provide|summari[sz]e) "
        r"(?:(?:me|us|out|back|all|of|verbatim|exactly|the|full|entire|complete|whole|exact|first|"
        r"word|for|any|text|contents?|wording|in|to|everything|and) ){0,8}(?:your (?:(?:system|"
        r"initial|"
        r"hidden|original|own|full|entire|exact|secret|internal|first|previous|prior|complete|"
        r"current|"
        r"base|actual) ?,? ?){0,4}(?:prompts?|system message|configuration|directives?|"
        r"instructions?"
        r"(?: verbatim| word for word| above| given| in full| you)?)(?! (?:for|about|on|from|to|"
        r"with|"
        r"regarding) )|(?:system|initial|hidden|secret|original|developer) (?:prompts?|"
        r"instructions)|"
        r"(?:text|words|instructions?|prompt|message|lines|content|sentences) (?:above|you "
        r"(?:were|have "
        r"been|was|received)|that (?:you were|you have|precedes?|came before|comes before)|"
        r"preceding|"
        r"before this|given to you|at the (?:top|beginning|start) of (?:this|the|your) "
        r"(?:conversation|"
        r"chat|prompt|context|session))|everything above|(?:this|the) prompt\b|prompt\b)"
    ),
    (
        rf"{ORDER}{SAY}(?: only| just| exactly| simply| out| back| with| here| instead| also| "
        rf"verbatim"
        r"| literally){0,3} (?:(?:the|this|that|a|following|exact|single|secret|code|these|one|"
        r"magic|"
        r"above|very|four|five|three|two|last|first|special|literal|verbatim|closing|entire|phrase|"
        rf"control|verification|tracking|test) ){{0,5}}{WORDING}(?:,? (?:exactly|verbatim|below|"
        rf"here|"
        rf"that follows|as is|only|alone))? ?(?:and nothing|alone|only|{MARK}|in (?:your|the|any) "
        r"(?:summary|response|output|answer|reply)|of your choice|(?:[\w.]{1,20} )?(?:at|in|to|"
        r"on|as) "
        r"(?:the|your) (?:end|beginning|start|top|first|last|very)(?! of (?:the|each|every) (?:day|"
        r"night|week|month)))"
    ),
    (
        rf"{ORDER}{SAY} [^.!?\n]{{0,120}}\b(?:your|this|the (?:final|generated|resulting)) "
        rf"{SUMMARY}"
        r"(?! (?:from|to (?:treatment|therapy|the|this|that)))\b"
    ),
    (
        rf"{ORDER}(?:include|add|append|insert|mention|put|place|write|state|prepend|quote|copy) "
        r"[^.!?\n]{0,120}\b(?:in|to|into|of|at|within|before|after) (?:the (?:end of the |"
        r"start of the |"
        r"beginning of the |top of the )?|any |every |each |all )(?:text |clinical |medical |"
        r"patient )?"
        r"summar(?:y|ies)\b"
    ),
    (
        r"\b(?:your|any|every|each) (?:[a-z]+ )?(?:summary|output|reply|response) (?:(?:must|"
        r"should|"
        r"shall|has to|needs to|is to|will|is required to) |(?:begins?|ends?|starts?) with)"
    ),
    (
        r"(?<!discharge )\b(?:the|this|a|any) (?:[a-z]+ )?(?<!discharge )summary (?:(?:must|"
        r"should|shall"
        r"|has to|needs to|is to|will|is required to) (?:only |always |also |not |simply |"
        r"instead )*"
        r"(?:say|be|read|state|begin|start|end|contain|include|consist|mention|omit|use|"
        r"conclude|have|"
        r"quote|repeat|show|carry|open|close))"
    ),
    (
        r"\b(?:instead of|rather than) (?:a |the |your |any |producing a |writing (?:a|the) |"
        r"making a )?"
        r"(?:summary\b|summari[sz](?:ing|ation))"
    ),
    (
        r"\b(?:who|what)ever (?:\w+ )?(?:is |are )?(?:summari[sz]|process(?:es|ing) (?:this|"
        r"the) (?:note|"
        r"text|document))"
    ),
    (
        r"\btranslate (?:the |this |your |all |everything )?(?:entire |whole |following |above "
        r")?(?:note|"
        rf"text|summary|response|above|document|record|output)?,? ?(?:\w+ )?(?:in)?to {TONGUE}\b"
    ),
    (
        rf"{ORDER}(?:write|answer|respond|reply|speak|talk|summari[sz]e|output)(?: \w+)?(?: "
        rf"the| this| "
        rf"your)?(?: \w+)? (?:only |entirely )?(?:in|as|using|like) (?:an? )?(?:\w+ )?{TONGUE}\b"
        r"(?! (?:at|with (?:her|his|the family)))"
    ),
    (
        r"\b(?:do not|don't|never) (?:mention|include|reveal|disclose|output|report|state|repeat)"
        r" [^.!?\n]{0,80}\b(?:in (?:the|your|any) (?:summary|output|response)|(?:that "
        r")?(?:these|this) "
        r"(?:instructions?|message|prompt)|(?:to|that) (?:the )?user\b)"
    ),
    (
        r"\bnothing else (?:in|should|may|must) (?:your|the|be|appear) (?:in )?(?:summary|output|"
        r"response|written|printed)"
    ),
    (
        rf"\b(?:in (?:place|lieu) of|no) (?:a |the |any |your )?summary (?:is |was )?(?:needed|"
        rf"required|"
        rf"necessary|wanted|[,:;]? ?{SAY})|\bin (?:place|lieu) of (?:a|the|your|any) summary\b"
    ),
    (
        r"\b(?:summary|response|output|answer|reply) (?:that )?(?:began|begins?|started|starts?|"
        r"ended|"
        r"ends?|opened|opens?|concluded|concludes?) with\b"
    ),
    (
        r"\b(?:correct|right|proper|accepted|real|true|only|best|expected) (?:summary|answer|"
        r"output|"
        r"response)(?: (?:of|to|for) (?:this|the) \w+)? (?:is|reads|would be)[ :]"
    ),
    (
        r"\b(?:start|begin|end|finish|open|close|conclude)(?:ing)? (?:the|your|any|every|this) "
        r"(?:summary|"
        r"response|output|reply|answer)\b"
    ),
    (
        rf"\b(?:new|next|real|actual|updated|your|final) (?:task|mission|assignment|job|"
        rf"objective) ?: ?"
        rf"(?:{SAY}|ignore|translate|tell|summari|forget|repeat|reveal|describe|compose)\b"
    ),
    r"\bhere (?:is|'s) (?:the|your|a|my) (?:requested )?(?:summary|answer|response|output) ?:",
    (
        r"\bthis (?:note|document|text|record|message|file) (?:is|was|contains?|has been) "
        r"(?:only |just "
        r"|actually |really |entirely )?(?:an? )?(?:test (?:of|for) (?:the |an? |your )?(?:ai|"
        r"model|llm|"
        r"summari|system|prompt)|instructions? (?:for|to) (?:you|the (?:model|ai|assistant))|"
        r"replaced by)"
    ),
    (
        r"\byou (?:must|should|will|shall|have to|need to|are (?:required|instructed|ordered|"
        r"obliged) to)"
        r" (?:now |only |always |also |first |then |instead )*(?:output|print|obey|comply|ignore|"
        r"disregard|respond with|reply with|answer with|say the (?:word|phrase)|emit|"
        r"summari[sz]e)\b"
    ),
    (
        r"\b(?:only )?(?:acceptable|allowed|permitted|valid|desired|required|requested) "
        r"(?:summary|answer|output|response) (?:is|reads)\b"
    ),
    (
        r"\bsummari[sz](?:ation|ing) (?:is |has been )?(?:now )?(?:disabled|turned off|switched "
        r"off|suspended|not (?:needed|required|allowed|permitted|necessary))\b"
    ),
    (
        r"\byour (?:final |only |first )?answer (?:must|should|shall|has to|is to) (?:be|begin|"
        r"start|end|contain|include|consist|read|say)\b"
    ),
    (
        r"\b(?:the|this) (?:note|document|text|record|transcript) (?:is over|ends here|is "
        r"finished|has ended)\b"
    ),
    (
        r"(?<!discharge )\b(?:summaries|all outputs|all responses) (?:[\w-]+ ){0,8}(?:must|have "
        r"to|should|need to|are to|are required to) (?:always |also )?(?:contain|include|begin|"
        r"start|end|say|quote|mention|carry|show|repeat|state|open|close)\b"
    ),
    r"\binstead of (?:the|a|an|your|any) (?:[a-z]+ )?summary\b",
    (
        r"\b(?:computer|software|program|machine|algorithm|robot|whoever|reader) (?:that|which|"
        r"who)? ?(?:is )?(?:reads?|reading|process(?:es|ing)|summari[sz](?:es|ing)) this\b"
    ),
)
