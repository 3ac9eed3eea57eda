"""What the synthetic voices say: our own lines, rich in p, b and m, and in what each language does with them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One language's lines. espeak: its voice in eSpeak NG. voices: Kokoro's, taken in turn."""

    language: str
    espeak: str
    voices: tuple[str, ...]
    lines: tuple[str, ...]


READINGS = (
    Reading(
        "English",
        "en-us",
        ("am_michael", "bf_emma", "af_sarah"),
        (
            "Maybe the baker will bring a bigger pumpkin pie tomorrow.",
            "Please put my blue umbrella by the broken lamp.",
            "Poor Bob remembered the map, but missed the boat.",
            "Five brave women moved the heavy piano upstairs.",
            "The museum opens before most people wake up.",
            "I am amazed that nobody stopped the trumpet player.",
            "Warm bread and plum jam make a simple supper.",
            "Keep the lamb in the barn until the storm passes.",
            "My grandfather built a small wooden bridge by hand.",
            "Would you mind repeating the number once more?",
        ),
    ),
    Reading(
        "Spanish",
        "es",
        ("ef_dora", "em_alex"),
        (
            "Mi primo Pablo compra pan todas las mañanas.",
            "El barco blanco salió del puerto al mediodía.",
            "También me gusta pasear por el campo en primavera.",
            "La abuela prepara una sopa muy buena con tomate.",
            "Nunca hemos visto un pueblo tan bonito como este.",
            "Por favor, abre la ventana, hace mucho calor aquí.",
            "El bombero subió rápido por la escalera.",
            "Mañana empieza el mes más tranquilo del verano.",
            "Su hermano pequeño habla muy bien tres idiomas.",
            "Quiero un vaso de agua y un poco de miel.",
        ),
    ),
    Reading(
        "French",
        "fr-fr",
        ("ff_siwis",),
        (
            "Le boulanger prépare un bon pain pour demain matin.",
            "Ma petite maison blanche est au bord de la mer.",
            "Nous avons beaucoup parlé pendant le repas.",
            "Il pleut souvent sur les montagnes au printemps.",
            "Peux-tu fermer la porte avant de partir, s'il te plaît?",
            "Mon ami Paul aime bien les pommes et le miel.",
            "Une ombre bleue tombe lentement sur le jardin.",
            "Je voudrais simplement un peu de beurre et du jambon.",
            "Le bébé sourit quand sa maman chante doucement.",
            "Cette promenade nous a fait oublier nos problèmes.",
        ),
    ),
    Reading(
        "Italian",
        "it",
        ("if_sara", "im_nicola"),
        (
            "La mamma prepara il pane per tutta la famiglia.",
            "Il bambino ha perso la palla nel campo.",
            "Domani mattina partiamo presto per le montagne.",
            "Mi piace bere un buon caffè dopo pranzo.",
            "Abbiamo comprato una bella lampada al mercato.",
            "Il mio amico Paolo abita vicino al porto.",
            "Quando piove, il gatto dorme sempre sotto il tavolo.",
            "Non sapevo che il treno fosse già partito.",
            "Una barca bianca si muove piano sul mare.",
            "Puoi aprire la porta, per favore?",
        ),
    ),
    Reading(
        "Portuguese",
        "pt-br",
        ("pf_dora", "pm_alex"),
        (
            "Minha mãe comprou um bolo muito bom na padaria.",
            "O barco pequeno partiu bem cedo para a ilha.",
            "Amanhã vamos passear no parque com os primos.",
            "Por favor, me empresta o lápis por um momento.",
            "O menino bebeu um copo de leite com mel.",
            "Também gosto de música e de um bom livro.",
            "A ponte velha balança quando sopra o vento.",
            "Ninguém sabia o nome da mulher de branco.",
            "Meu avô sempre plantava milho em setembro.",
            "A chuva bateu na janela a noite inteira.",
        ),
    ),
    Reading(
        "Hindi",
        "hi",
        ("hf_alpha", "hm_omega"),
        (
            "मेरा भाई बाज़ार से ताज़ा फल और सब्ज़ी लाया।",
            "कृपया मुझे पानी का एक गिलास दीजिए।",
            "बच्चे बगीचे में बहुत देर तक खेलते रहे।",
            "मम्मी ने आज बढ़िया पराठे बनाए।",
            "पुल के पास एक पुराना मंदिर है।",
            "मुझे पहाड़ों में घूमना बहुत पसंद है।",
            "बारिश के बाद मौसम अच्छा हो गया।",
            "पिताजी सुबह अख़बार पढ़ते हैं।",
            "उस कमरे में बहुत पुरानी किताबें हैं।",
            "हम सब मिलकर यह काम पूरा करेंगे।",
        ),
    ),
)
