"""What in a note speaks to a language model. English, and the marks of chats.

Searched in a `View`: lower case, single blanks, no emphasis, `_` as a blank. Every gap is bounded.
Clinical notes are full of imperatives, so each cue needs an object that only a model has (`your
prompt`, `the summary`, `previous instructions`), an order to say certain words, or a mark of a
chat's format.
"""

import re

_MODEL = (
    r"(?:(?:an? |any |all |the |every |this )?(?:(?:large |small )?language models?|llms?|"
    r"chat ?gpt|"
    r"gpt(?:-?\w{1,3})?|claude|gemini|llama|copilot|chat ?bots?|ai(?: (?:\w{3,15} )?(?:assistants?|"
    r"models?|systems?|agents?|tools?|scribes?|summari[sz]ers?))?|a\.i\.|artificial intelligence|"
    r"summari[sz](?:ers?|ation (?:models?|systems?|engines?|tools?|software|assistants?))|"
    r"summari[sz]ing (?:models?|systems?|engines?|tools?|software|assistants?)|"
    r"(?:virtual|automated|digital) (?:assistants?|systems?|readers?|agents?)))\b"
)
_ANY = (
    r"(?:(?:all|any|every|each|of|the|these|those|this|that|such|your|my|our|its|their|previous|"
    r"previously|prior|preceding|above|earlier|foregoing|former|past|other|existing|original|"
    r"initial|system|developer|given|set|hidden|safety|and|or|stated|received|aforementioned|"
    r"current|default|old|what|content|security|mentioned|provided)[\s,-])"
)
_EARLIER = (
    r"(?:all|any|every|previous|previously|prior|preceding|above|earlier|foregoing|former|your|"
    r"system|developer|original|initial|existing|safety|these|those|hidden|aforementioned|default)"
)
_ORDERS = (
    r"(?:instructions?|prompts?|directives?|guidelines?|commands?|constraints?|restrictions?|"
    r"rules|programming|guardrails?|training|system messages?)"
)
_UNSAY = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|discard|"
    r"neglect|abandon|erase|cancel|(?:do not|don't|never|stop) (?:follow|obey|use|heed)(?:ing)?|"
    r"pay no (?:attention|heed) to|set aside|throw away|drop|replace)"
)
_SAY = (
    r"(?:output|print|respond|reply|answer|write|say|state|include|add|append|insert|return|emit|"
    r"generate|produce|display|mention|echo|put|place|begin|start|end|finish|conclude|close|use|"
    r"type|announce|prepend|quote|give|prefix)"
)
_ORDER = (
    r"(?:(?:^|[\n.!?;:,>)\]\"-] ?)(?:(?:and|then|now|so|please|kindly|instead|just|simply|only|"
    r"also|but|therefore|finally|always|first|you (?:must|should|shall|will|have to|need to|are to)"
    r"(?: now| only| always)?),? ){0,3}|\b(?:(?:must|should|shall|and|then|please|instead|kindly|"
    r"now|always|only|just|simply|to|you to|you will) ){1,2})"
)
_WORDING = (
    r"(?:word|phrase|string|token|code|text|sentence|line|pass(?:word|phrase|code)|keyword|marker|"
    r"tag|canary|message|statement|secret|link|url|expression|acronym)s?"
)
_SUMMARY = r"(?:summar(?:y|ies)|responses?|outputs?|answers?|repl(?:y|ies)|completions?)"
_SUMMARIZE = r"(?:summari[sz](?:e|es|ing)|condens(?:e|es|ing) (?:this|the) (?:note|text|document))"
_TEXT = (
    r"(?:note|document|text|record|report|message|file|content|input|letter|chart|case|above|this)"
)
_TONGUE = (
    r"(?:english|french|german|spanish|italian|latin|russian|chinese|japanese|dutch|portuguese|"
    r"klingon|pirate|emojis?|json|xml|html|base64|rot13|morse|all caps|capital letters|capitals|"
    r"uppercase|rhymes?|verse|haiku|a (?:poem|haiku|limerick|song))"
)
_MARK = r"(?:\"|'(?!s\b)|: ?\S|[a-z]{2,}[-][a-z0-9-]*\d)"

STRONG = (
    rf"\b{_UNSAY} {_ANY}{{0,8}}(?<=[\s,-]){_ORDERS}\b(?<!medication instructions)",
    (
        rf"\b{_UNSAY} (?:\w+ )?(?:everything|anything|all|whatever|what) (?:that )?(?:(?:has |"
        rf"have |had )"
        r"?(?:been |was |is |you (?:were|have been|had been) |you were )?(?:said |told |"
        r"written |stated "
        r"|given |instructed )?(?:to you )?)?(?:above|before this|previously|so far|prior to "
        r"this|else "
        r"(?:above|here|in this)|you (?:were|have been) (?:told|instructed|given|asked))\b"
    ),
    (
        rf"\b{_UNSAY} the (?:above|foregoing|preceding|previous|rest of the|following) ?(?:text|"
        rf"note|"
        r"document|content|message|context|conversation|input|words|lines)?,? ?(?:and|then|"
        r"instead|:)"
    ),
    (
        rf"\b{_UNSAY} (?:the |this |that )?(?:(?:clinical |medical )?(?:note|document|text|"
        rf"input|record|"
        r"report) (?:above|below|and (?:instead )?(?:output|print|say|write|respond|reply|answer))|"
        r"(?:your|the) (?:task|role|job|purpose|assignment) )"
    ),
    (
        r"\b(?:supersedes?|overrides?|takes? (?:precedence|priority) over|replaces?|cancels?|"
        rf"invalidates?) {_ANY}{{0,8}}(?<=[\s,-]){_ORDERS}\b"
    ),
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
        rf"?(?:for|to) (?:you\b|{_MODEL})"
    ),
    (
        r"\b(?:new|updated|revised|hidden|secret|developer|priority|actual|real|override) "
        r"(?:instructions?|directives?|prompts?|commands?) ?: ?(?:you|ignore|disregard|forget|"
        r"output|"
        r"print|say|write|respond|reply|answer|include|add|append|instead|end|begin|do not|the "
        r"summary|"
        r"summari|stop|only|repeat|reveal|from now|always|your)\b"
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
        r"\b(?:end|start|beginning|begin) (?:of )?(?:the )?(?:system |user )?(?:prompt|"
        r"instructions? "
        r"block|context window|untrusted|user input|input text|system message)\b"
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
        rf"{_ORDER}(?:respond|reply|answer)(?: to (?:this|everything|any|all|me|every)(?: "
        rf"\w+){{0,3}})?,? "
        r"(?:back )?(?:only|exactly|solely|just|simply|exclusively|with only|with nothing but|"
        r"with just|"
        r"with exactly|with the (?:single |exact |following |one |code |secret )?"
        rf"{_WORDING}|with (?:a single|one) (?:word|letter|emoji)|with:|with \"|with '|as follows|"
        rf"in {_TONGUE}|with [a-z]+-?\d|nothing but)"
    ),
    (
        rf"{_ORDER}{_SAY}(?: only| just| exactly| simply| out| back| with| here| instead| also| "
        rf"verbatim"
        r"| literally){0,3} (?:(?:the|this|that|a|following|exact|single|secret|code|these|one|"
        r"magic|"
        r"above|very|four|five|three|two|last|first|special|literal|verbatim|closing|entire|phrase|"
        rf"control|verification|tracking|test) ){{0,5}}{_WORDING}(?:,? (?:exactly|verbatim|below|"
        rf"here|"
        rf"that follows|as is|only|alone))? ?(?:and nothing|alone|only|{_MARK}|in (?:your|the|any) "
        r"(?:summary|response|output|answer|reply)|of your choice|(?:[\w.]{1,20} )?(?:at|in|to|"
        r"on|as) "
        r"(?:the|your) (?:end|beginning|start|top|first|last|very)(?! of (?:the|each|every) (?:day|"
        r"night|week|month)))"
    ),
    (
        rf"{_ORDER}(?:output|print|emit|echo) (?:only|just|exactly|nothing|verbatim|the "
        rf"following|this|"
        r"\"|')"
    ),
    (
        rf"{_ORDER}(?:output|print|emit|say|write|reply|type|append)(?: only| just| exactly| "
        rf"with|:)? "
        r"?[\"']?[a-z]{2,}(?:[-.][a-z0-9]+)*[-.:#]?\d{2,}"
    ),
    (
        rf"{_ORDER}{_SAY} [^.!?\n]{{0,120}}\b(?:your|this|the (?:final|generated|resulting)) "
        rf"{_SUMMARY}"
        r"(?! (?:from|to (?:treatment|therapy|the|this|that)))\b"
    ),
    (
        rf"{_ORDER}(?:include|add|append|insert|mention|put|place|write|state|prepend|quote|copy) "
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
        rf"\b(?:when|while|whenever|before|after|once|if)(?: you(?:'re| are)?)?(?: asked to| "
        rf"told to| are"
        rf" done| finished| have)? {_SUMMARIZE}d?(?: (?:this|the|that|my|our|these) )?{_TEXT}?"
        r"[^.!?\n]{0,60}"
    ),
    rf"\b(?:do not|don't|never|stop|cease|refuse to|without) {_SUMMARIZE}\b",
    (
        r"\b(?:who|what)ever (?:\w+ )?(?:is |are )?(?:summari[sz]|process(?:es|ing) (?:this|"
        r"the) (?:note|"
        r"text|document))"
    ),
    (
        rf"\b(?:note|message|attention|instructions?|memo|reminder|hint|warning|important|"
        rf"directive|"
        rf"command|request|notice|information|info|guidance|addressed|addendum|comment|meant|"
        rf"intended)"
        rf"(?: \w+)?[ :-]+ ?(?:to|for|of)? ?{_MODEL}(?: ?[:,.!)\n-]|$| (?:read|process|that|who|"
        rf"summari|"
        r"review|only|and|model|below|system))"
    ),
    (
        rf"\b(?:dear|hey|hi|hello|attention|listen|ok|okay|for|to|if you are|if you're|you,)[ "
        rf",]+(?:up )?"
        rf"{_MODEL}(?: (?:read|process|summari)\w*(?: this| the)?(?: \w+)?)? ?(?:[:,!]|\n|please|"
        rf"- )"
    ),
    (
        rf"\b(?:{_MODEL}|the (?:assistant|model|system|reader model|machine|summary generator)) "
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
    (
        r"\btranslate (?:the |this |your |all |everything )?(?:entire |whole |following |above "
        r")?(?:note|"
        rf"text|summary|response|above|document|record|output)?,? ?(?:\w+ )?(?:in)?to {_TONGUE}\b"
    ),
    (
        rf"{_ORDER}(?:write|answer|respond|reply|speak|talk|summari[sz]e|output)(?: \w+)?(?: "
        rf"the| this| "
        rf"your)?(?: \w+)? (?:only |entirely )?(?:in|as|using|like) (?:an? )?(?:\w+ )?{_TONGUE}\b"
        r"(?! (?:at|with (?:her|his|the family)))"
    ),
    (
        r"\b(?:do not|don't|never) (?:mention|include|reveal|disclose|output|report|state|repeat)"
        r" [^.!?\n]{0,80}\b(?:in (?:the|your|any) (?:summary|output|response)|(?:that "
        r")?(?:these|this) "
        r"(?:instructions?|message|prompt)|(?:to|that) (?:the )?user\b)"
    ),
    r"\bonly (?:output|print|respond with|reply with|answer with|write|say) (?:the|\"|'|this)",
    (
        r"\b(?:output|print|respond|reply|answer|say|write)(?: with)? nothing (?:else|but|more|"
        r"other)\b"
    ),
    (
        r"\bnothing else (?:in|should|may|must) (?:your|the|be|appear) (?:in )?(?:summary|output|"
        r"response|written|printed)"
    ),
    (
        r"\b(?:stop|end) (?:processing|reading) (?:this|the) (?:note|document|text|here)[^\n]{0,40}"
        r"\b(?:and|then|instead)\b"
    ),
    (
        rf"\b(?:in (?:place|lieu) of|no) (?:a |the |any |your )?summary (?:is |was )?(?:needed|"
        rf"required|"
        rf"necessary|wanted|[,:;]? ?{_SAY})|\bin (?:place|lieu) of (?:a|the|your|any) summary\b"
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
        rf"(?:{_SAY}|ignore|translate|tell|summari|forget|repeat|reveal|describe|compose)\b"
    ),
    r"\btell (?:the|your) (?:user|reader|human)\b",
    (
        rf"\b(?:copy|repeat|complete|finish|reproduce|transcribe|recite) (?:this|the following|"
        rf"these|"
        rf"that) (?:{_WORDING})(?: exactly| verbatim| word for word)? ?(?::|exactly|verbatim|word)"
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
        rf"(?:^|\n|<!-- ?|\( ?){_MODEL} ?: ?(?:please )?(?:{_SAY}|ignore|disregard|forget|you|do "
        rf"not|"
        r"repeat|reveal|the|translate|stop)\b"
    ),
    (
        r"(?:^|\n|[.!?] )(?:assistant|ai|model|chatbot|response|output|completion) ?: ?(?:sure|"
        r"of course|"
        r"certainly|here (?:is|are)|here's|okay|i am an? ai|as an ai)"
    ),
    r"\bhere (?:is|'s) (?:the|your|a|my) (?:requested )?(?:summary|answer|response|output) ?:",
    (
        rf"\b(?:skip|disregard|ignore|forget) (?:the |this )?(?:rest|remainder|entirety|whole|"
        rf"all) of "
        rf"(?:this|the) {_TEXT} ?,? ?(?:and|;|:|then)"
    ),
    (
        r"\bthis (?:note|document|text|record|message|file) (?:is|was|contains?|has been) "
        r"(?:only |just "
        r"|actually |really |entirely )?(?:an? )?(?:test (?:of|for) (?:the |an? |your )?(?:ai|"
        r"model|llm|"
        r"summari|system|prompt)|instructions? (?:for|to) (?:you|the (?:model|ai|assistant))|"
        r"replaced by)"
    ),
    (
        r"\bi(?: am|'m) (?:your|the) (?:developer|creator|administrator|system administrator|"
        r"programmer|"
        r"operator|prompt engineer|owner)\b"
    ),
    (
        r"\byou (?:must|should|will|shall|have to|need to|are (?:required|instructed|ordered|"
        r"obliged) to)"
        r" (?:now |only |always |also |first |then |instead )*(?:output|print|obey|comply|ignore|"
        r"disregard|respond with|reply with|answer with|say the (?:word|phrase)|emit|"
        r"summari[sz]e)\b"
    ),
    (
        r"\byou (?:have been|were|are being) (?:hacked|jailbroken|compromised|reprogrammed|"
        r"overridden|"
        r"reset)\b"
    ),
    (
        rf"{_ORDER}(?:begin|start|end|finish|open|close|conclude)(?: it| everything)? with "
        r"(?:\"|'|[a-z]+-\d)"
    ),
    (
        rf"\b{_UNSAY} {_ANY}{{0,6}}(?:previous|prior|above|earlier|preceding) (?:directions|"
        rf"orders (?:and|you)|requests)\b"
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
        r"\b(?:what|which|how)(?: \w+){0,4} your (?:system )?prompt (?:say|contain|read|begin|"
        r"start|look)"
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
    (
        r"\blet(?:'s| us) play a game ?[:.,;!] ?(?:each|every|you|from|i|whenever|when|in)\b|"
        r"\b(?:each|every) time you (?:read|see|process|summari[sz]e|are given) (?:an? |the |"
        r"this )?(?:\w+ )?(?:note|text|document|record|report)\b"
    ),
    r"\bsudo [a-z]|\{\{[^\n}]{0,80}(?:ignore|system|instruction|prompt)",
)
"""Each is enough by itself."""

SPELLED = re.compile(
    r"ignor(?:e|ing)(?:all|any|the|your|previous|prior|above|every)|disregard(?:all|any|the|your|"
    r"previous|prior|above)|forget(?:all|everything|your|previous)|systemprompt|"
    r"(?:previous|prior|above|your|these)instructions|insteadof(?:a?summar)|yoursummary|"
    r"(?:respond|reply|answer)(?:only)?with|output(?:the|only)|youarenow|languagemodel"
)
"""The same without blanks, of letters spaced out."""

FOLLOWS = re.compile(
    rf"(?:(?:please|now|then|instead|just|only|simply|also|and|finally|or|so|but|first|second|step"
    r"|next|lastly|again|you must|you should|you will|it must|always|never|do not|don't|kindly|"
    r"\d+[.)]|[-#>=]+|\W) ?){0,5}(?:(?:say|print|output|write(?! (?:down|up))|respond|reply|answer|"
    r"echo|reveal|repeat(?: (?:it|this|that|after|the (?:word|phrase|text|above|sentence|line)))|"
    r"translate|comply|execute|obey|begin (?:your|the)|(?:start|end|finish|conclude)(?: "
    r"\w+)? (?:your"
    r"|with|every|the (?:summary|output|response|answer))|summari[sz]e|do so|do it|do this)\b|"
    r"(?:add|include|insert|append|use|mention|put|place|give|state|return|quote|explain|"
    rf"acknowledge|confirm)\b[^.!?\n]{{0,80}}\b(?:summary|response|output|answer|reply|{_WORDING}|"
    r"instructions?|prompt)\b|(?:this|these|the (?:above|following|rest)|that) (?:(?:instructions?|"
    r"message|order|override|request|text|command|is an? (?:order|test|override|command|"
    r"instruction)|supersede|take precedence|has priority)|(?:note|text|document) is "
    r"(?:only|just|not|a test|irrelevant|void|fake))|nothing else|no other|nothing more|the summary"
    r"|your (?:summary|response|answer|output|reply|task|job|role|purpose|goal|only)|(?:say|tell) "
    r"|failure to|you are (?:now|an?|no longer)|ignore|disregard|forget|remember(?: to| that you)|"
    r"thank you for (?:comply|your cooperation)|end of (?:new |system |the )?(?:instruction|prompt|"
    r"message|override)|exactly:|with the (?:word|phrase)|it is (?:vital|essential|crucial) that "
    r"(?:you|the summary)|this is (?:not|an? (?:order|test|override|command|instruction)|very "
    r"important|mandatory|required)|important[!:]|in your|confirm (?:that you|by)|i am "
    r"(?:your|the) "
    r"(?:developer|administrator|operator|creator))"
)
"""What goes on with an order right beside it; by itself it may be a clinician's."""

SHOUTED = re.compile(
    r"(?:^|[\n.!?;:,>)\"-] ?|\b(?:and|then|please|just|only|now|must|should|to|you) "
    r")(?i:say|output|print|emit|write|reply|respond"
    r"|answer|return|shout|append|include)(?i: with| only| just| exactly){0,2} "
    r"[\"'\u201c]?[A-Z]{5,}\b(?![ ,/-]+[A-Z]{2})(?! (?!and |then |only )[a-z])"
)
"""An order to say one word in capitals, in a text that is not in capitals."""
