"""The report in Spanish."""

from metrics.report.language import Language, MetricName

SPANISH = Language(
    code="es",
    decimal=",",
    thousands=".",
    title="De quién es la experiencia de nuestros clientes",
    period="{from} {to}, registro {version}",
    note=(
        "Las cifras son descriptivas y tratan de departamentos, nunca de personas. Entre paréntesis: intervalos "
        "del 95 %; n: observaciones (días, para un cambio de responsable). {comparisons}: con la corrección de Holm, "
        "como máximo un informe de cada veinte señala algo cuando todo va bien. Por debajo de 30 observaciones "
        "efectivas una cifra se marca como incierta y no se afirma ninguna comparación."
    ),
    details="detalles",
    more="{n} más: ver {command}",
    interval="de {low} a {high}",
    uncertain="incierto",
    too_few={
        "": "muy pocas observaciones para dar una cifra",
        "weight_lived": "lo que recibe en la práctica (casos, gasto, alertas) no se sabe: muy pocas observaciones",
    },
    nobody="nadie",
    others="otros puntos de contacto",
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
    first_day="1",
    day="{day} de {month}",
    year="{day} de {year}",
    dates={
        "on": ("el ", "el "),
        "since": ("desde el ", "desde el "),
        "from": ("del ", "del "),
        "to": ("al ", "al "),
        "until": ("hasta el ", "hasta el "),
    },
    share_articles=("el ", "el ", "el "),
    sections={
        "changed": "Qué han traído los cambios de responsable",
        "drift": "Qué está cambiando, y quién es responsable",
        "lines": "Quién es responsable",
        "talk": "Quién debe hablar con quién",
        "terms": "Corto plazo frente a largo plazo",
        "success": "Qué llaman éxito los clientes",
        "money": "Dinero",
        "perception": "A quién se considera responsable",
        "good": "Buenas noticias",
        "open": "Preguntas abiertas",
    },
    nothing={
        "changed": "Ningún cambio de responsable ha empeorado nada, hasta donde muestran los datos.",
        "drift": "Ninguna métrica vigilada cae por debajo de su nivel habitual.",
        "lines": "Todas las líneas de responsabilidad están claras.",
        "talk": "Ningún traspaso con suficientes respuestas cuesta satisfacción más allá del ruido estadístico.",
        "terms": "Aún no hay cifras de ambos plazos.",
        "success": "Los clientes quieren lo que nos proponemos, por lo que muestran las respuestas.",
        "money": "El gasto en la experiencia oculto en otros presupuestos es poco o nulo.",
        "perception": "Ningún rol con suficientes respuestas considera claramente responsable a otro departamento.",
        "good": "Ninguna que los datos respalden.",
        "open": "Ninguna.",
    },
    unknown={
        "": "Aún no hay datos al respecto.",
        "drift": "Aún no se vigila ninguna métrica: faltan los niveles de referencia.",
    },
    no_events="Ningún evento en este periodo: no hay nada en que basar un juicio.",
    one_metric="un índice se basa en 1 métrica de {targets}",
    change_of_figure="{before} antes, {after} desde entonces",
    budget=(
        "Todos los detectores juntos pueden dar alrededor de {false_alarms} al mes; en los 30 días {until} dieron "
        "{alarms}."
    ),
    units={
        "points": "{0} puntos sobre 100",
        "index": "{0} puntos del índice",
        "count": "{0}",
        "owners": "{0} responsables efectivos",
        "share": "{0} %",
        "days": "{0} días",
        "money": "{0}",
    },
    counts={
        "points": ("{0} punto", "{0} puntos"),
        "false_alarms": ("{0} falsa alerta", "{0} falsas alertas"),
        "alarms": ("{0} alerta, verdadera o falsa", "{0} alertas, verdaderas y falsas"),
        "explained": (
            "; {0} más, explicada por un cambio de responsable, no cuenta",
            "; {0} más, explicadas por un cambio de responsable, no cuentan",
        ),
        "others": ("y {0} otra", "y {0} otras"),
        "days": ("{0} día", "{0} días"),
        "comparisons": (
            "Se contrastó la significación de {0} comparación",
            "Se contrastó la significación de {0} comparaciones",
        ),
    },
    verbs={"falls": ("cae", "caen"), "rises": ("sube", "suben")},
    metrics={
        "nps": MetricName("NPS", "el "),
        "csat": MetricName("CSAT", "el "),
        "ces": MetricName("facilidad (CES)", "la "),
        "referrals": MetricName("recomendaciones al día", "las ", is_plural=True),
        "repeat_rate": MetricName("tasa de recompra", "la "),
        "retention": MetricName("retención", "la "),
        "awareness": MetricName("notoriedad al día", "la "),
        "traffic": MetricName("visitas al día", "las ", is_plural=True),
        "conversions": MetricName("conversiones al día", "las ", is_plural=True),
        "conversion_rate": MetricName("tasa de conversión", "la "),
    },
    belongs={
        "department": "de {0}",
        "company": "de la empresa",
        "nobody": "de los puntos de contacto sin responsable",
    },
    respondents={"department": "Personal de {0}", "role": "Encuestados con el rol {0}"},
    clauses={
        "passed": "El punto de contacto «{touchpoint}» pasó de {other} a {department} {on}",
        "gained": "El punto de contacto «{touchpoint}», hasta entonces sin responsable, pasó a {department} {on}",
        "lost": "El punto de contacto «{touchpoint}», hasta entonces de {other}, quedó sin responsable {on}",
        "majority": "la mayoría cree que el responsable de «{touchpoint}» es {other}",
        "plurality": "el departamento más nombrado como responsable de «{touchpoint}» es {other}",
        "majority_nobody": "la mayoría cree que nadie es responsable de «{touchpoint}»",
        "plurality_nobody": (
            "son más quienes dicen que nadie es responsable de «{touchpoint}» que quienes nombran a un departamento "
            "concreto"
        ),
        "minority": "no hay acuerdo sobre quién es responsable de «{touchpoint}»",
    },
    texts={
        "change_hurt": (
            "{change}; la satisfacción bajó frente a los puntos de contacto que conservaron a su responsable"
        ),
        "change_helped": (
            "{change}; la satisfacción subió frente a los puntos de contacto que conservaron a su responsable"
        ),
        "change_no_effect": (
            "{change}; ningún efecto en la satisfacción más allá del azar, dado el número de comparaciones"
        ),
        "change_unclear": (
            "{change}; el efecto no está claro: hay muy pocos días, o la satisfacción ya se movía antes del cambio"
        ),
        "owner_changed": "{change}",
        "registry_changed": "La versión {other} del registro está en vigor {since}",
        "drift_down": "{metric} {belongs} {verb} {since}",
        "drift_unclear": (
            "Para {metric} {belongs} hay una alerta {since}, pero no hay nada en que basar un juicio: ninguna "
            "observación en este periodo, o ninguna con la que comparar"
        ),
        "drift_up": "{metric} {belongs} {verb} {since}",
        "moved_down": (
            "{metric} {belongs} {verb} {since}, sobre todo porque algunos puntos de contacto cambiaron de responsable "
            "({other}): explican {against} de la variación"
        ),
        "moved_up": (
            "{metric} {belongs} {verb} {since}, sobre todo porque algunos puntos de contacto cambiaron de responsable "
            "({other}): explican {against} de la variación"
        ),
        "two_accountable": (
            "Varios departamentos son responsables del punto de contacto «{touchpoint}»: {other}; debe haber uno solo"
        ),
        "crowded": (
            "El punto de contacto «{touchpoint}» (responsable: {department}) tiene más responsables de los que "
            "permite la norma ({against})"
        ),
        "orphan": "Nadie es responsable del punto de contacto «{touchpoint}»",
        "orphan_events": "Eventos de los que nadie es responsable",
        "new_silo": (
            "Un nuevo silo: {department} es responsable de la mayoría de los puntos de contacto; atención al "
            "cliente, de ninguno"
        ),
        "no_responsibility": "{department} no es responsable de ningún punto de contacto ni colabora en ninguno",
        "no_sponsor": "Puntos de contacto sin patrocinador ejecutivo",
        "redundant_programs": (
            "Dos programas de responsables distintos persiguen la misma métrica en los mismos puntos de contacto: "
            "{other}"
        ),
        "opposed_programs": "Dos programas tiran de la misma métrica en sentidos opuestos: {other}",
        "bad_hand_off": (
            "Los clientes que pasan de {other} a {department} están menos satisfechos que los que ya estaban con "
            "{department}, en los mismos puntos de contacto; los dos departamentos deberían hablar"
        ),
        "good_hand_off": (
            "Los clientes que pasan de {other} a {department} están más satisfechos que los que ya estaban con "
            "{department}, en los mismos puntos de contacto"
        ),
        "hand_offs_unclear": "Pares de departamentos con muy pocas respuestas tras un traspaso para sacar conclusiones",
        "myopia": (
            "El índice a corto plazo de {department} subió {points} en ocho semanas, mientras que el de "
            "largo plazo bajó"
        ),
        "weight_lived": "Los objetivos dan al largo plazo {against} del peso",
        "balance": "Índice a largo plazo menos índice a corto plazo {belongs}",
        "expect_more": "Los clientes esperan más que el objetivo de {against} para {metric}",
        "expect_less": "Los clientes se conformarían con menos que el objetivo de {against} para {metric}",
        "hidden_spend": "Parte del gasto en la experiencia (en {other}) oculta en otros presupuestos",
        "cost_per_promoter": "Gasto por cada promotor ganado en el punto de contacto «{touchpoint}», en {other}",
        "mistaken_owner": "{respondents}: {belief}; el responsable declarado es {department}",
        "clear_lines": "Cada punto de contacto tiene exactamente un departamento responsable, dentro de la norma",
        "agreement": "Los encuestados nombran al responsable declarado",
        "on_target": "{department} alcanza sus objetivos en ambos plazos",
        "confirmed": "Los clientes confirman que {department} cerró sus casos",
        "unwatched": "Métricas que no se vigilan, porque aún no tienen un nivel de referencia: {other}",
        "unheard": (
            "Muy pocas respuestas en el punto de contacto «{touchpoint}» (responsable: {department}) para decir "
            "cómo de satisfechos están los clientes"
        ),
        "open_cases": "Casos abiertos {belongs}, el más antiguo desde hace {days}",
        "no_success_answers": "Nadie ha preguntado a los clientes qué sería un éxito",
        "no_ownership_answers": "Nadie ha preguntado a la gente a quién considera responsable",
    },
    figures={
        "myopia": "una variación de {0}",
        "weight_lived": "en la práctica (casos, gasto, alertas) recibe {article}{0}",
        "expect_more": "la mitad de ellos indica al menos {0}",
        "expect_less": "la mitad de ellos indica como mucho {0}",
        "mistaken_owner": "lo nombra {article}{0}",
        "agreement": "lo hace {article}{0}",
        "on_target": "el índice más bajo está en {0}",
        "confirmed": "lo hace {article}{0} de los consultados",
    },
)
