"""Why an attachment gives no text, and what its sender can do. No sentence quotes it."""

REFUSALS: dict[str, str] = {
    "attachment_encrypted": "The PDF asks for a password. Send it without one.",
    "attachment_without_text": "The attachment holds no text that can be read, as a scan does. "
    "Send it with a text layer (OCR), or the note itself as text.",
    "invalid_attachment": "The attachment cannot be read as what its media type says. "
    "Correct contentType, or send the note as a new PDF or as text.",
    "attachment_too_complex": "Reading the attachment took more time or memory than is allowed. "
    "Send it as a simpler PDF, or the note itself as text.",
    "document_too_large": "The attachment's text is longer than a document may be. "
    "Split it into its notes and send each as a record.",
}


class Refused(Exception):
    """An attachment that gives no text; `code` is a key of `REFUSALS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
