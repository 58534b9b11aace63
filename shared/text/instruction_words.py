"""The vocabulary of the cues in `instruction_cues*.py`: pieces of regular expressions."""

MODEL = (
    r"(?:(?:an? |any |all |the |every |this )?(?:(?:large |small )?language models?|llms?|"
    r"chat ?gpt|"
    r"gpt(?:-?\w{1,3})?|claude|gemini|llama|copilot|chat ?bots?|ai(?: (?:\w{3,15} )?(?:assistants?|"
    r"models?|systems?|agents?|tools?|scribes?|summari[sz]ers?))?|a\.i\.|artificial intelligence|"
    r"summari[sz](?:ers?|ation (?:models?|systems?|engines?|tools?|software|assistants?))|"
    r"summari[sz]ing (?:models?|systems?|engines?|tools?|software|assistants?)|"
    r"(?:virtual|automated|digital) (?:assistants?|systems?|readers?|agents?)))\b"
)
ANY = (
    r"(?:(?:all|any|every|each|of|the|these|those|this|that|such|your|my|our|its|their|previous|"
    r"previously|prior|preceding|above|earlier|foregoing|former|past|other|existing|original|"
    r"initial|system|developer|given|set|hidden|safety|and|or|stated|received|aforementioned|"
    r"current|default|old|what|content|security|mentioned|provided)[\s,-])"
)
ORDERS = (
    r"(?:instructions?|prompts?|directives?|guidelines?|commands?|constraints?|restrictions?|"
    r"rules|programming|guardrails?|training|system messages?)"
)
UNSAY = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|discard|"
    r"neglect|abandon|erase|cancel|(?:do not|don't|never|stop) (?:follow|obey|use|heed)(?:ing)?|"
    r"pay no (?:attention|heed) to|set aside|throw away|drop|replace)"
)
SAY = (
    r"(?:output|print|respond|reply|answer|write|say|state|include|add|append|insert|return|emit|"
    r"generate|produce|display|mention|echo|put|place|begin|start|end|finish|conclude|close|use|"
    r"type|announce|prepend|quote|give|prefix)"
)
ORDER = (
    r"(?:(?:^|[\n.!?;:,>)\]\"-] ?)(?:(?:and|then|now|so|please|kindly|instead|just|simply|only|"
    r"also|but|therefore|finally|always|first|you (?:must|should|shall|will|have to|need to|are to)"
    r"(?: now| only| always)?),? ){0,3}|\b(?:(?:must|should|shall|and|then|please|instead|kindly|"
    r"now|always|only|just|simply|to|you to|you will) ){1,2})"
)
WORDING = (
    r"(?:word|phrase|string|token|code|text|sentence|line|pass(?:word|phrase|code)|keyword|marker|"
    r"tag|canary|message|statement|secret|link|url|expression|acronym)s?"
)
SUMMARY = r"(?:summar(?:y|ies)|responses?|outputs?|answers?|repl(?:y|ies)|completions?)"
SUMMARIZE = r"(?:summari[sz](?:e|es|ing)|condens(?:e|es|ing) (?:this|the) (?:note|text|document))"
TEXT = (
    r"(?:note|document|text|record|report|message|file|content|input|letter|chart|case|above|this)"
)
TONGUE = (
    r"(?:english|french|german|spanish|italian|latin|russian|chinese|japanese|dutch|portuguese|"
    r"klingon|pirate|emojis?|json|xml|html|base64|rot13|morse|all caps|capital letters|capitals|"
    r"uppercase|rhymes?|verse|haiku|a (?:poem|haiku|limerick|song))"
)
MARK = r"(?:\"|'(?!s\b)|: ?\S|[a-z]{2,}[-][a-z0-9-]*\d)"
