import pytest

from shared.text.language import detect

NOTES = {
    "en": "Cough and fever for three days. The chest x-ray shows an infiltrate on the right.",
    "de": "Der Patient stellte sich mit seit drei Tagen bestehendem Husten und Fieber vor. "
    "Wir begannen eine antibiotische Therapie mit Amoxicillin 1 g dreimal täglich.",
    "es": "Paciente de 65 años que acude a urgencias por dolor torácico de dos horas de evolución. "
    "No refiere fiebre ni tos. Se inicia tratamiento con aspirina 100 mg.",
    "fr": "Patient de 58 ans hospitalisé pour une douleur thoracique apparue il y a trois heures. "
    "L'examen clinique est normal, il n'y a pas de fièvre.",
    "it": "Paziente di 70 anni ricoverato per dispnea e febbre da tre giorni. È stata iniziata "
    "terapia antibiotica. Si dimette in buone condizioni generali.",
    "pt": "Paciente de 62 anos que recorreu ao serviço de urgência por dor torácica. Não apresenta "
    "febre nem tosse. Alta para o domicílio com seguimento na consulta.",
    "nl": "De patiënt werd opgenomen met sinds drie dagen bestaande hoest en koorts. Er werd "
    "gestart met amoxicilline driemaal daags.",
    "ar": "حضر المريض إلى قسم الطوارئ بسبب ألم في الصدر منذ ساعتين. لا توجد حمى أو سعال.",
    "ja": "患者は三日前から咳と発熱があり、当院を受診した。抗生剤を開始した。",
    "zh": "患者因咳嗽、发热三天入院。胸部X线片显示右下肺浸润影。给予抗生素治疗后好转出院。",
}


@pytest.mark.parametrize(("language", "note"), NOTES.items())
def test_a_note_is_known_by_its_language(language: str, note: str) -> None:
    assert detect(note) == language
    assert detect(note.upper()) == language


@pytest.mark.parametrize(
    "note",
    [
        "",
        " \n",
        "BP 120/80 HR 72 T 98.6 SpO2 99%",
        "Metformin 500 mg BID\nLisinopril 10 mg QD\nAspirin 81 mg QD",
        "Na 138 K 4.1 Cl 102 HCO3 24 BUN 14 Cr 0.9\nWBC 7.2 Hgb 13.1 Hct 39 Plt 250",
        "HTN, DM2, CAD s/p CABG, COPD. A/P: cont. ASA, metop.",
        "Pt c/o SOB, CP. Hx CHF. EKG NSR. CXR neg. Dispo: d/c.",
        "Noncontributory.",
        "Phenol neurolysis right obturator nerve, botulinum toxin injection right rectus femoris.",
    ],
)
def test_lists_and_telegrams_are_not_guessed_at(note: str) -> None:
    assert detect(note) is None
