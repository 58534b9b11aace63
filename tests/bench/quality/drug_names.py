"""Drugs to put in another's place: each line is one drug under its names. Ours."""

import re

_DRUGS = """
acetaminophen tylenol paracetamol
albuterol proventil ventolin
allopurinol zyloprim
alprazolam xanax
amiodarone cordarone
amitriptyline elavil
amlodipine norvasc
amoxicillin amoxil augmentin
aspirin
atenolol tenormin
atorvastatin lipitor
azithromycin zithromax
baclofen
benazepril lotensin
bupropion wellbutrin
carvedilol coreg
cefazolin ancef
ceftriaxone rocephin
celecoxib celebrex
cephalexin keflex
cetirizine zyrtec
ciprofloxacin cipro
citalopram celexa
clindamycin cleocin
clonazepam klonopin
clonidine catapres
clopidogrel plavix
codeine
colchicine
cyclobenzaprine flexeril
dexamethasone decadron
diazepam valium
digoxin lanoxin
diltiazem cardizem
diphenhydramine benadryl
donepezil aricept
doxycycline
duloxetine cymbalta
enalapril vasotec
enoxaparin lovenox
epinephrine
escitalopram lexapro
esomeprazole nexium
estradiol
famotidine pepcid
fentanyl
fexofenadine allegra
finasteride proscar
fluoxetine prozac
fluticasone flonase
furosemide lasix
gabapentin neurontin
glipizide glucotrol
glyburide
haloperidol haldol
heparin
hydrochlorothiazide
hydrocodone vicodin lortab norco
hydroxychloroquine plaquenil
ibuprofen motrin advil
isosorbide imdur
ketorolac toradol
lamotrigine lamictal
lansoprazole prevacid
levetiracetam keppra
levofloxacin levaquin
levothyroxine synthroid
lidocaine xylocaine
lisinopril zestril prinivil
loratadine claritin
lorazepam ativan
losartan cozaar
lovastatin mevacor
marcaine bupivacaine
meloxicam mobic
meperidine demerol
metformin glucophage
methotrexate
methylprednisolone medrol
metoclopramide reglan
metoprolol lopressor toprol
metronidazole flagyl
midazolam versed
minocycline
mirtazapine remeron
montelukast singulair
morphine
naproxen aleve naprosyn
nifedipine procardia
nitroglycerin
olanzapine zyprexa
omeprazole prilosec
ondansetron zofran
oxycodone percocet oxycontin
pantoprazole protonix
paroxetine paxil
penicillin
phenytoin dilantin
pravastatin pravachol
prednisone
promethazine phenergan
propofol diprivan
propranolol inderal
quetiapine seroquel
ranitidine zantac
risperidone risperdal
rosuvastatin crestor
sertraline zoloft
sildenafil viagra
simvastatin zocor
spironolactone aldactone
sulfamethoxazole bactrim septra
sumatriptan imitrex
tamoxifen
tamsulosin flomax
topiramate topamax
tramadol ultram
trazodone desyrel
valsartan diovan
vancomycin
venlafaxine effexor
verapamil calan
warfarin coumadin
zolpidem ambien
adenosine
alendronate fosamax
amiloride
ampicillin
atropine
azathioprine imuran
bacitracin
betamethasone celestone
bumetanide bumex
buspirone buspar
candesartan atacand
captopril capoten
carbamazepine tegretol
carboplatin paraplatin
cefuroxime ceftin
chlorthalidone
cimetidine tagamet
cisplatin
clotrimazole lotrimin
cyclophosphamide cytoxan
cyclosporine
desloratadine clarinex
dicyclomine bentyl
dobutamine
docusate colace
dopamine
doxazosin cardura
doxorubicin adriamycin
erythromycin
etomidate
ezetimibe zetia
felodipine plendil
fenofibrate tricor
fluconazole diflucan
gemfibrozil lopid
gentamicin
glimepiride amaryl
guaifenesin mucinex
hydralazine
hydrocortisone
hydromorphone dilaudid
hydroxyzine vistaril atarax
imipramine
indomethacin indocin
ipratropium atrovent
irbesartan avapro
labetalol
latanoprost xalatan
loperamide imodium
magnesium
melatonin
methadone
methimazole tapazole
methocarbamol robaxin
mometasone nasonex
mycophenolate cellcept
nadolol
naloxone narcan
nitrofurantoin macrodantin macrobid
nortriptyline pamelor
nystatin
olmesartan benicar
oxybutynin ditropan
paclitaxel taxol
phenobarbital
pioglitazone actos
pregabalin lyrica
primidone
prochlorperazine compazine
quinapril accupril
ramipril altace
rifampin
rituximab rituxan
ropivacaine
salmeterol advair
sotalol betapace
sucralfate carafate
tacrolimus prograf
temazepam restoril
terazosin hytrin
terbinafine lamisil
tizanidine zanaflex
tolterodine detrol
triamcinolone kenalog
triamterene dyazide maxzide
valacyclovir valtrex
vincristine
"""
_WORD = re.compile(r"[a-z]+")

NAMES: dict[str, int] = {
    name: number for number, line in enumerate(_DRUGS.split("\n")) for name in line.split()
}
"""Each name with the number of its drug."""


def drugs_in(text: str) -> set[int]:
    """The drugs named in a text, by any of their names."""
    return {NAMES[word] for word in _WORD.findall(text.lower()) if word in NAMES}


def substitutes(source: str) -> list[str]:
    """Drugs that the source does not name, by their first names, in order."""
    there = drugs_in(source)
    return [
        names[0]
        for number, line in enumerate(_DRUGS.split("\n"))
        if (names := line.split()) and number not in there
    ]
