"""The report in Spanish."""

from metrics.report.language import Language

SPANISH = Language(
    code="es",
    decimal=",",
    thousands=".",
    title="De quién es la experiencia de nuestros clientes",
    period="del {since} al {at}, registro {version}",
    note=(
        "Las cifras son descriptivas y tratan de departamentos, nunca de personas. Entre paréntesis: "
        "intervalos del 95 %; n: observaciones, de un cambio de responsable días. {questions} preguntas se "
        "pusieron a prueba frente al azar: con la corrección de Holm, a lo sumo un informe de cada veinte en "
        "que todo va bien afirma lo contrario. Por debajo de 30 observaciones efectivas no se afirma nada."
    ),
    look="ver",
    more="{n} más: ver {command}",
    interval="de {low} a {high}",
    uncertain="incierto",
    nobody="nadie",
    company="la empresa",
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    day="{day} de {month} de {year}",
    sections={
        "changed": "Qué ha cambiado",
        "drift": "Qué se desvía, y de quién es",
        "lines": "Quién es responsable",
        "talk": "Quién debe hablar con quién",
        "terms": "Corto contra largo plazo",
        "success": "Qué llaman éxito los clientes",
        "money": "Dinero",
        "perception": "A quién se toma por responsable",
        "good": "Buenas noticias",
        "open": "Preguntas abiertas",
    },
    nothing={
        "changed": "Nada, o solo a mejor: véanse las buenas noticias.",
        "drift": "Nada cae por debajo de su nivel habitual.",
        "lines": "Todas las líneas de responsabilidad están claras.",
        "talk": "Ningún traspaso cuesta satisfacción más allá del ruido.",
        "terms": "Aún no hay cifras de ambos plazos.",
        "success": "Los clientes quieren lo que nos proponemos, hasta donde dicen las respuestas.",
        "money": "Poco o ningún gasto en la experiencia figura en otros presupuestos.",
        "perception": "Ningún rol toma a otro departamento por responsable.",
        "good": "Ninguna que las cifras confirmen.",
        "open": "Ninguna.",
    },
    unknown="No se ha preguntado ni contado nada que lo diga.",
    units={
        "points": "{0} puntos de 100",
        "index": "{0} puntos del índice",
        "count": "{0}",
        "owners": "{0} responsables efectivos",
        "share": "{0} %",
        "days": "{0} días",
        "money": "{0}",
    },
    metrics={
        "nps": "NPS",
        "csat": "CSAT",
        "ces": "facilidad (CES)",
        "referrals": "recomendaciones al día",
        "repeat_rate": "tasa de recompra",
        "retention": "retención",
        "awareness": "notoriedad al día",
        "traffic": "tráfico al día",
        "conversions": "conversiones al día",
        "conversion_rate": "tasa de conversión",
    },
    texts={
        "change_hurt": (
            "{touchpoint} pasó de {other} a {department} el {since}; la satisfacción bajó frente a los puntos "
            "de contacto que conservaron a su responsable"
        ),
        "change_helped": (
            "{touchpoint} pasó de {other} a {department} el {since}; la satisfacción subió frente a los "
            "puntos de contacto que conservaron a su responsable"
        ),
        "change_no_effect": (
            "{touchpoint} pasó de {other} a {department} el {since}; ningún efecto en la satisfacción más "
            "allá del azar, entre tantas preguntas"
        ),
        "change_unclear": (
            "{touchpoint} pasó de {other} a {department} el {since}; demasiado pocos días, u otro curso "
            "antes, para decir qué resultó de ello"
        ),
        "owner_changed": "{touchpoint} pasó de {other} a {department} el {since}",
        "registry_changed": "La versión {other} del registro está en vigor desde el {since}",
        "drift_down": "{metric} de {department} cae desde el {since}",
        "drift_up": "{metric} de {department} sube desde el {since}",
        "two_accountable": "{touchpoint} tiene varios departamentos responsables: {other}; debe tener uno",
        "crowded": "{touchpoint}, de {department}, tiene más cocineros de los que permite la norma ({against})",
        "orphan": "Nadie es responsable de {touchpoint}",
        "orphan_events": "Eventos de los que nadie es responsable",
        "new_silo": (
            "{department} es responsable de la mayoría de los puntos de contacto y atención al cliente de "
            "ninguno: un nuevo silo"
        ),
        "no_responsibility": "{department} no responde de nada y no trabaja en nada",
        "no_sponsor": "Puntos de contacto sin un directivo que los respalde",
        "redundant_programs": (
            "Dos programas para la misma métrica y los mismos puntos de contacto, de distintos responsables: {other}"
        ),
        "opposed_programs": "Dos programas que tiran de la misma métrica en sentidos opuestos: {other}",
        "bad_hand_off": (
            "{other} y {department} deberían hablar: los clientes que pasan de {other} a {department} están "
            "menos contentos que los que ya estaban allí, en los mismos puntos de contacto"
        ),
        "good_hand_off": (
            "Los clientes que pasan de {other} a {department} están más contentos que los que ya estaban "
            "allí, en los mismos puntos de contacto"
        ),
        "hand_offs_unclear": "Pares de departamentos con demasiado pocas respuestas tras un traspaso para decir algo",
        "myopia": (
            "{department}: el índice a corto plazo ha subido {against} en ocho semanas mientras el de largo plazo caía"
        ),
        "weight_lived": (
            "De la atención prestada con casos, dinero y alertas, el largo plazo tuvo esta parte; los "
            "objetivos le dan {against} del peso"
        ),
        "balance": "Índice a largo menos índice a corto plazo: {department}",
        "expect_more": (
            "Los clientes esperan más que el objetivo de {against} para {metric}; la mitad de ellos nombra al menos"
        ),
        "expect_less": (
            "Los clientes se contentarían con menos que el objetivo de {against} para {metric}; la mitad de "
            "ellos nombra a lo sumo"
        ),
        "hidden_spend": "Gasto en la experiencia en {other} que figura en otros presupuestos",
        "cost_per_promoter": "{touchpoint}: lo gastado por cada promotor ganado, en {other}",
        "mistaken_owner": (
            "{role}: la mayoría toma a {other} por responsable de {touchpoint}; al declarado, {department}, lo nombra"
        ),
        "clear_lines": "Cada punto de contacto tiene exactamente un departamento responsable, dentro de la norma",
        "agreement": "Los encuestados nombran al responsable declarado",
        "on_target": "{department} alcanza sus objetivos en ambos plazos; el índice más bajo está en",
        "confirmed": "Los clientes coinciden en que {department} cerró sus casos",
        "unheard": "{touchpoint}, de {department}: demasiado pocas respuestas para decir cómo les va a los clientes",
        "open_cases": "{department}: casos abiertos, el más antiguo desde hace {against} días",
        "no_success_answers": "Nadie ha preguntado a los clientes qué sería un éxito",
        "no_ownership_answers": "Nadie ha preguntado a la gente a quién toma por responsable",
    },
)
