"""Twilio's error codes as it words them, from https://www.twilio.com/docs/api/errors."""

from __future__ import annotations

from typing import Any

WORDS: dict[int, str] = {
    20001: "Page number or page size is not valid.",
    20003: "Authenticate",
    20404: "The requested resource {value} was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "Service Unavailable",
    21211: "The 'To' number {value} is not a valid phone number.",
    21212: "The 'From' number {value} is not a valid phone number, shortcode, or alphanumeric "
    "sender ID.",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' "
    "number: {value}.",
    21502: "Url is not a valid URL: {value}",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The From phone number {value} is not a valid, SMS-capable inbound phone number or "
    "short code for your account.",
    21609: "The StatusCallback URL {value} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21620: "Invalid media URL(s)",
    21623: "Number of media files exceeds allowed limit",
    21655: "The ContentSid is Invalid",
    21656: "The Content Variables parameter is invalid.",
    21701: "The Messaging Service does not exist",
    21910: "Invalid From and To pair. From and To should be of the same channel",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30007: "Message filtered",
    30008: "Unknown error",
    30024: "Numeric sender ID not provisioned on carrier",
    30410: "Provider timeout error",
    35114: "SendAt timestamp is outside the permitted range",
    35118: "MessagingServiceSid is required to schedule a message",
    36001: "The validity period must be between 1 and 36000 seconds",
    63007: "Twilio could not find a Channel with the specified From address",
    63016: "Failed to send freeform message because you are outside the allowed window. If you are "
    "using WhatsApp, please use a Message Template.",
    63019: "Media failed to download",
    63021: "Channel invalid content error",
    63024: "Invalid message recipient",
    63034: "Media exceeds the size limit for the channel",
    63040: "Template rejected",
    63049: "Meta chose not to deliver this WhatsApp marketing message",
    63051: "WhatsApp Business Account is locked",
}


def words(code: int, value: str = "") -> str:
    """The sentence Twilio gives with `code`; an unlisted code is its own sentence."""
    return WORDS.get(code, f"Error {code}").format(value=value)


class ApiError(Exception):
    """A refusal of the REST API: `http` is the status, `code` Twilio's own number."""

    def __init__(self, http: int, code: int, value: str = "", *, text: str | None = None) -> None:
        self.http = http
        self.code = code
        self.text = text if text is not None else words(code, value)
        super().__init__(f"{http} {code}: {self.text}")

    def body(self) -> dict[str, Any]:
        """The JSON that Twilio answers with."""
        body: dict[str, Any] = {
            "code": self.code,
            "message": self.text,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.http,
        }
        if self.code == 20003:
            body["detail"] = "Your AccountSid or AuthToken was incorrect."
        return body
