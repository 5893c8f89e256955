"""The texts of the login form, in three languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class LoginTexts:
    """Those of one language. `name`: the language's own; `{seconds}` is filled in."""

    name: str
    title: str
    why: str
    token: str
    hint: str
    button: str
    languages: str
    wrong: str
    wait: str


LOGIN_TEXTS: Final[Mapping[str, LoginTexts]] = {
    "en": LoginTexts(
        name="English",
        title="Log in",
        why="Who owns our customers' experience, and is it getting better?",
        token="Access token",  # noqa: S106  (a label)
        hint="Ask those who run the service for it: it is the setting CXB_HTTP_TOKEN.",
        button="Log in",
        languages="Languages",
        wrong="That is not the token. Check that you have copied all of it.",
        wait="Too many attempts. Try again in {seconds} seconds.",
    ),
    "it": LoginTexts(
        name="Italiano",
        title="Accedi",
        why="Di chi è l'esperienza dei nostri clienti, e sta migliorando?",
        token="Token di accesso",  # noqa: S106
        hint="Chiedilo a chi gestisce il servizio: è l'impostazione CXB_HTTP_TOKEN.",
        button="Accedi",
        languages="Lingue",
        wrong="Il token non è corretto. Controlla di averlo copiato per intero.",
        wait="Troppi tentativi. Riprova tra {seconds} secondi.",
    ),
    "es": LoginTexts(
        name="Español",
        title="Iniciar sesión",
        why="¿De quién es la experiencia de nuestros clientes, y está mejorando?",
        token="Token de acceso",  # noqa: S106
        hint="Pídalo a quien administra el servicio: es el ajuste CXB_HTTP_TOKEN.",
        button="Iniciar sesión",
        languages="Idiomas",
        wrong="El token no es correcto. Compruebe que lo ha copiado completo.",
        wait="Demasiados intentos. Vuelva a intentarlo en {seconds} segundos.",
    ),
}


def spoken(wanted: str, accepted: str) -> str:
    """The language of the form.

    Args:
        wanted: One that was chosen.
        accepted: A header Accept-Language, for where none was.

    >>> spoken("", "fr-CH, fr;q=0.9, it;q=0.8, en;q=0.7"), spoken("es", "it"), spoken("xx", "de")
    ('it', 'es', 'en')
    """
    languages = [part.partition(";")[0].strip()[:2].lower() for part in accepted.split(",")]
    return next((code for code in (wanted, *languages) if code in LOGIN_TEXTS), "en")
