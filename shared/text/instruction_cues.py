"""What in a note speaks to a language model. English, and the marks of chats.

Searched in a `View`: lower case, single blanks, no emphasis, `_` as a blank. Every gap is bounded.
Clinical notes are full of imperatives, so each cue needs an object that only a model has (`your
prompt`, `the summary`, `previous instructions`), an order to say certain words, or a mark of a
chat's format.
"""

import re

from shared.text import (
    instruction_cues_foreign,
    instruction_cues_orders,
    instruction_cues_roles,
    instruction_cues_summaries,
)
from shared.text.instruction_words import WORDING

STRONG = (
    *instruction_cues_orders.STRONG,
    *instruction_cues_roles.STRONG,
    *instruction_cues_summaries.STRONG,
    *instruction_cues_foreign.STRONG,
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
    rf"acknowledge|confirm)\b[^.!?\n]{{0,80}}\b(?:summary|response|output|answer|reply|{WORDING}|"
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
    r"|answer|return|shout|append)(?i: with| only| just| exactly){0,2} "
    r"[\"'\u201c]?[A-Z]{5,}\b(?![ ,/-]+[A-Z]{2})"
    r"(?! (?!and (?:nothing|stop|then|end)|then |only )[a-z])"
)
"""An order to say one word in capitals, in a text that is not in capitals."""
