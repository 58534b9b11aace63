"""Ways of saying the same thing: in plain words, as a clinician writes it, and abbreviated.

Each line is one group. A text that holds one of its phrases is read as if it held them all, so that
`high blood pressure` of a conversation meets `hypertension` or `HTN` of its note. Narrow on
purpose: words of a group may stand for one another in any note.
"""

from collections import defaultdict
from collections.abc import Sequence

from shared.text.words import content_words

_GROUPS = """
high blood pressure | hypertension | hypertensive | htn
high cholesterol | hypercholesterolemia | hyperlipidemia | hld | dyslipidemia
diabetes | diabetic | dm | mellitus | high blood sugar
heart attack | myocardial infarction | mi
stroke | cva | cerebrovascular accident
mini stroke | tia | transient ischemic attack
heart failure | chf
coronary artery disease | coronary disease | cad
heart disease | cardiac disease
atrial fibrillation | afib | a fib | af
irregular heartbeat | arrhythmia
racing heart | palpitations | tachycardia
heart | cardiac | cardiovascular | coronary
blood thinner | anticoagulant | anticoagulation
blood clot | thrombosis | dvt | thrombus | embolism
short of breath | shortness of breath | trouble breathing | difficulty breathing | dyspnea | sob
lung | pulmonary
lung disease | copd | emphysema
wheezing | wheezes | wheezy
breathing | respiratory | breath
phlegm | sputum
coughing up blood | hemoptysis
runny nose | rhinorrhea | nasal discharge
stuffy nose | nasal congestion
sore throat | pharyngitis
hay fever | allergic rhinitis
belly | stomach | abdomen | abdominal | tummy
throwing up | threw up | vomiting | vomited | puking | emesis | vomit
sick to my stomach | nausea | nauseous | queasy
heartburn | acid reflux | reflux | gerd
stomach cancer | gastric cancer | gastric carcinoma
cancer | carcinoma | malignancy | malignant
loose stools | diarrhea
bowel movement | stool | bm
blood in stool | bloody stool | hematochezia | melena
trouble swallowing | difficulty swallowing | dysphagia
appendix removed | appendix taken out | appendectomy
gallbladder removed | gallbladder taken out | cholecystectomy
tonsils removed | tonsils taken out | tonsillectomy
uterus removed | hysterectomy
c section | cesarean | cesarian
tubes tied | tubal ligation
liver | hepatic
kidney | renal
kidney stone | nephrolithiasis
pee | urinate | urination | urine | urinary | void
painful urination | burning when i pee | dysuria | burning urination
blood in urine | hematuria
uti | urinary tract infection | bladder infection
menstrual period | period | menses | menstruation | menstrual
high thyroid | overactive thyroid | hyperthyroidism
low thyroid | underactive thyroid | hypothyroidism
skin | dermatologic
itchy | itching | itchiness | pruritus | pruritic | itch
redness | erythema | erythematous | red
hives | urticaria
bruise | bruising | ecchymosis | contusion
swelling | swollen | edema | swell
sweating | diaphoresis | sweat
numbness and tingling | paresthesia
tingling | paresthesia | pins and needles
passed out | fainted | syncope | fainting | loss of consciousness
dizzy | dizziness | lightheaded | lightheadedness | vertigo
headache | cephalgia
seizure | convulsion | epilepsy
fit and well | healthy
memory loss | amnesia
double vision | diplopia
vision | visual | eyesight
eye | ocular
hearing | auditory
joint pain | arthralgia
muscle pain | muscle ache | myalgia
arthritis | arthritic | osteoarthritis | degenerative joint disease
broken | fracture | fx
neck | cervical
low back | lower back | lumbar
arm | upper extremity
leg | lower extremity
arms | legs | extremities
jaw | mandible
collarbone | clavicle
shoulder blade | scapula
kneecap | patella
walk | walking | ambulate | ambulation | gait
physical therapy | physiotherapy | pt
tired | tiredness | fatigue | fatigued | exhausted | weary
fever | febrile | temperature
depressed | depression | depressive
anxious | anxiety
suicidal | suicide | harming yourself | kill myself | hurting myself
trouble sleeping | cannot sleep | insomnia
shot | injection | vaccine | vaccination | immunization
immunizations up to date | shots up to date
surgery | surgical | operation | operative | operated
surgery | procedure
medicine | medication | meds | drugs | pills | prescription
tests | labs | laboratory | blood work
x ray | radiograph | xray | film
mri | magnetic resonance
ct | cat scan | computed tomography
ekg | ecg | electrocardiogram
echocardiogram | echo
ultrasound | sonogram
emergency room | emergency department | er | ed
intensive care unit | icu
allergic | allergy | intolerance
smoke | smoker | smoking | tobacco | cigarettes | nicotine
do not smoke | never smoked | nonsmoker | non smoker
alcohol | etoh | alcoholic | drinking | drink | beer | wine | liquor
do not drink | nondrinker
cocaine | marijuana | heroin | recreational drugs | street drugs | illicit drugs
drug abuse | illicit drug use | substance abuse
iv | intravenous
by mouth | oral | orally | po
twice a day | two times a day | bid | twice daily
three times a day | tid
every day | daily | each day | once a day
every night | at bedtime | nightly | qhs
as needed | prn
overweight | obese | obesity
weigh | weight
hiv | aids
type two diabetes | type ii diabetes
mom | mother | mum | maternal | mommy
dad | father | paternal | daddy
grandma | grandmother
grandpa | grandfather
brother | sister | sibling
son | daughter | child | children | kid | baby
wife | husband | spouse | married | marry
mister | mr | sir | man | male | gentleman | boy | guy
miss | mrs | ms | madam | lady | woman | female | girl
doctor | dr | physician | provider
white | caucasian
black | african american
widow | widowed | widower
lives with | living with
passed away | died | deceased | dead | death | expired
nope | nah | no | not | none | never | negative | deny | without | nothing | noncontributory
yes | yeah | yep | yup | positive | endorse | admit
good | fine | well | normal | unremarkable
worse | worsening | worsened
better | improved | improvement | improving
both | bilateral | bilaterally
approximately | about | around | roughly
began | start | started | onset
come back | return | follow up | followup
get rid of | resolve
fell | fall | falling
hurt | hurts | hurting | pain | painful | ache | aching | discomfort | sore | soreness | tender
problem | trouble | difficulty | issue
sickness | illness | disease | condition
"""
Phrase = tuple[str, ...]


def _read_groups() -> dict[str, list[tuple[Phrase, frozenset[str]]]]:
    """First word of a phrase → the rest of the phrase, and all words of its group."""
    table: dict[str, list[tuple[Phrase, frozenset[str]]]] = defaultdict(list)
    for line in _GROUPS.strip().splitlines():
        phrases = {tuple(content_words(phrase)) for phrase in line.split("|")} - {()}
        terms = frozenset(term for phrase in phrases for term in phrase)
        for phrase in sorted(phrases):
            table[phrase[0]].append((phrase[1:], terms))
    return dict(table)


_TABLE = _read_groups()


def synonyms(stems: Sequence[str]) -> set[str]:
    """What else these content words, in their order, say: stems that stand for some of them."""
    found: set[str] = set()
    for place, word in enumerate(stems):
        for rest, terms in _TABLE.get(word, ()):
            if not rest or tuple(stems[place + 1 : place + 1 + len(rest)]) == rest:
                found |= terms
    return found
