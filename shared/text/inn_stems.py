"""Whether a word is built like the name of a drug.

Stems of international nonproprietary names (WHO, *The use of stems in the selection of INN*, 2018;
and its addenda), only such as ordinary words hardly end in. What they do not cover is in
`drugs.toml`.
"""

import re

_STEM = re.compile(
    r"cef[a-z]{4,}"
    r"|[a-z]{3,}(?:[aeiou]lol|pril|prilat|sartan|vastatin|azole|floxacin|cillin|cycline|mycin|micin"
    r"|tidine|prazole|dipine|azosin|gliptin|gliflozin|glitazone|glutide|parin|xaban|gatran|tinib"
    r"|ciclib|zomib|parib|rafenib|mab|tacept|bercept|navir|tegravir|buvir|ciclovir|vudine|triptan"
    r"|setron|lukast|terol|tropium|[dv]ocaine|azepam|azolam|barbital|profen|fenac|oxicam|coxib"
    r"|dronate|fibrate|thiazide|curium|curonium|platin|rubicin|taxel|poside|grastim|poetin"
    r"|oxetine|triptyline|ipramine|promazine|perazine|peridone|piprazole|racetam|zumab|vaptan)"
)
_ORDINARY = re.compile(r".*sterol")
"""Cholesterol and its like are measured, not given."""


def is_drug_like(word: str) -> bool:
    """Of one word, lower-cased."""
    return bool(_STEM.fullmatch(word)) and not _ORDINARY.fullmatch(word)
