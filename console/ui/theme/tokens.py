"""Every colour and measure of the window, once, for light and for dark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tokens:
    """One theme's colours as #RRGGBB. Text colours keep 4.5:1 on the backgrounds in PAIRS.

    There are two of them; to make what would compare and print them takes as long as all the rest.
    """

    dark: bool
    background: str
    surface: str
    line: str
    text: str
    muted: str
    faint: str  # on background and surface only
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    on_accent_soft: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    bubble_in: str
    bubble_out: str
    on_bubble: str  # muted text inside bubbles
    quote_in: str
    quote_out: str
    thread: str
    selected: str
    hover: str
    note: str
    note_line: str
    read: str
    rail: str
    rail_active: str
    rail_icon: str
    rail_icon_active: str
    badge: str
    on_badge: str
    online: str
    whatsapp: str
    sms: str
    skeleton: str
    scroll: str
    shade: str  # behind text laid over pictures
    on_shade: str
    paper: str  # the page in a document's card
    paper_line: str
    paper_mark: str
    label_blue: str
    on_label_blue: str
    label_red: str
    on_label_red: str
    label_green: str
    on_label_green: str
    label_amber: str
    on_label_amber: str
    label_violet: str
    on_label_violet: str
    label_grey: str
    on_label_grey: str


LIGHT = Tokens(
    dark=False,
    background="#F4F5F7",
    surface="#FFFFFF",
    line="#E3E6EA",
    text="#15191E",
    muted="#5A636D",
    faint="#646D76",
    accent="#0B7A6B",
    accent_hover="#096A5D",
    on_accent="#FFFFFF",
    accent_soft="#DDF3EE",
    on_accent_soft="#065B4F",
    danger="#BE2F28",
    danger_soft="#FCE9E7",
    warning="#8F5100",
    warning_soft="#FFF3DC",
    bubble_in="#FFFFFF",
    bubble_out="#DCF3EC",
    on_bubble="#53625F",
    quote_in="#F1F4F5",
    quote_out="#CBEAE1",
    thread="#EEF1F2",
    selected="#E6F4F0",
    hover="#F4F7F7",
    note="#FFF7DB",
    note_line="#F0DFA0",
    read="#1A63C4",
    rail="#10302B",
    rail_active="#284540",
    rail_icon="#9DB5AF",
    rail_icon_active="#FFFFFF",
    badge="#D93036",
    on_badge="#FFFFFF",
    online="#22C55E",
    whatsapp="#25D366",
    sms="#5B8DEF",
    skeleton="#E9ECEF",
    scroll="#C3C9CE",
    shade="#1B2125",
    on_shade="#FFFFFF",
    paper="#FFFFFF",
    paper_line="#CDD5DC",
    paper_mark="#BE2F28",
    label_blue="#E3ECFB",
    on_label_blue="#1F4FA3",
    label_red="#FCE9E7",
    on_label_red="#A92A24",
    label_green="#E0F3E4",
    on_label_green="#1E6B35",
    label_amber="#FFF3DC",
    on_label_amber="#8F5100",
    label_violet="#EFE6F8",
    on_label_violet="#6B3B94",
    label_grey="#ECEEF1",
    on_label_grey="#4B545D",
)

DARK = Tokens(
    dark=True,
    background="#101416",
    surface="#171C1F",
    line="#293136",
    text="#E8ECEE",
    muted="#A3AEB5",
    faint="#8B969D",
    accent="#2BB39C",
    accent_hover="#3CC2AB",
    on_accent="#06231E",
    accent_soft="#143A34",
    on_accent_soft="#7FE0CE",
    danger="#FF8A81",
    danger_soft="#3A1C1A",
    warning="#F0B357",
    warning_soft="#37290F",
    bubble_in="#20272B",
    bubble_out="#17453C",
    on_bubble="#B4C6C1",
    quote_in="#2A3338",
    quote_out="#1F5449",
    thread="#121719",
    selected="#19312D",
    hover="#1C2326",
    note="#332B12",
    note_line="#574A1E",
    read="#6FBBFF",
    rail="#0B0F10",
    rail_active="#232A2C",
    rail_icon="#8B9A97",
    rail_icon_active="#FFFFFF",
    badge="#D93036",
    on_badge="#FFFFFF",
    online="#22C55E",
    whatsapp="#25D366",
    sms="#5B8DEF",
    skeleton="#232A2E",
    scroll="#3C464C",
    shade="#1B2125",
    on_shade="#FFFFFF",
    paper="#FFFFFF",
    paper_line="#CDD5DC",
    paper_mark="#BE2F28",
    label_blue="#1B2C49",
    on_label_blue="#9CC3FF",
    label_red="#3A1C1A",
    on_label_red="#FF9C94",
    label_green="#17351F",
    on_label_green="#86DB9C",
    label_amber="#37290F",
    on_label_amber="#F0B357",
    label_violet="#2E2140",
    on_label_violet="#CFAAF2",
    label_grey="#2A3136",
    on_label_grey="#B4BEC5",
)

# Text colour, background: what is drawn on what. The contrast test walks this list.
PAIRS: tuple[tuple[str, str], ...] = (
    ("text", "background"),
    ("text", "surface"),
    ("text", "thread"),
    ("text", "selected"),
    ("text", "hover"),
    ("text", "bubble_in"),
    ("text", "bubble_out"),
    ("text", "quote_in"),
    ("text", "quote_out"),
    ("text", "note"),
    ("muted", "note"),
    ("faint", "note"),
    ("text", "warning_soft"),
    ("muted", "background"),
    ("muted", "surface"),
    ("muted", "thread"),
    ("muted", "selected"),
    ("muted", "hover"),
    ("faint", "background"),
    ("faint", "surface"),
    ("on_bubble", "bubble_in"),
    ("on_bubble", "bubble_out"),
    ("on_bubble", "quote_in"),
    ("on_bubble", "quote_out"),
    ("accent", "surface"),
    ("accent", "selected"),
    ("accent", "bubble_in"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent_soft", "accent_soft"),
    ("on_accent_soft", "bubble_in"),
    ("on_accent_soft", "bubble_out"),
    ("on_accent_soft", "quote_in"),
    ("on_accent_soft", "quote_out"),
    ("danger", "surface"),
    ("danger", "background"),
    ("danger", "thread"),
    ("danger", "selected"),
    ("danger", "hover"),
    ("danger", "bubble_out"),
    ("danger", "danger_soft"),
    ("warning", "surface"),
    ("warning", "selected"),
    ("warning", "hover"),
    ("warning", "warning_soft"),
    ("warning", "note"),
    ("warning", "background"),
    ("accent", "note"),
    ("danger", "note"),
    ("read", "bubble_out"),
    ("on_badge", "badge"),
    ("on_shade", "shade"),
    ("on_label_blue", "label_blue"),
    ("on_label_red", "label_red"),
    ("on_label_green", "label_green"),
    ("on_label_amber", "label_amber"),
    ("on_label_violet", "label_violet"),
    ("on_label_grey", "label_grey"),
    ("rail_icon", "rail"),
    ("rail_icon_active", "rail_active"),
    ("surface", "text"),
    ("text", "line"),
    ("muted", "line"),
    ("accent", "background"),
    ("accent", "thread"),
    ("accent", "hover"),
)

# What is no text and yet tells something keeps 3:1 on its background: outlines of the focus,
# the bars and lines of charts.
SHAPES: tuple[tuple[str, str], ...] = (
    ("accent", "surface"),
    ("accent", "background"),
    ("accent", "thread"),
    ("accent", "hover"),
    ("accent", "selected"),
    ("rail_icon_active", "rail"),
    ("rail_icon_active", "rail_active"),
    ("warning", "note"),
    ("warning", "surface"),
    ("read", "surface"),
    ("faint", "surface"),
)

# What a label can be painted in; the database keeps the name.
LABEL_COLORS = ("blue", "red", "green", "amber", "violet", "grey")

# Behind white initials, so each keeps 4.5:1 with white; one for each name by its hash.
AVATARS = (
    "#B05F45",
    "#5866BE",
    "#27796A",
    "#8A56A3",
    "#8F6410",
    "#3F6FA3",
    "#63722B",
    "#A3486B",
)

RADIUS = 8
BUBBLE_RADIUS = 14
TAIL_RADIUS = 5
STEP = 4
RAIL = 56
LIST_WIDTH = (300, 344, 420)  # least, first, most
PANEL_WIDTH = 284
PANEL_FROM = 1180  # the contact panel hides below this window width
TURNS_BELOW = 900  # list and thread take turns below this window width


def contrast(foreground: str, background: str) -> float:
    """WCAG contrast ratio of two #RRGGBB colours, 1..21."""

    def luminance(value: str) -> float:
        channels = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(foreground), luminance(background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def label_tokens(color: str) -> tuple[str, str]:
    """The ground and the ink of a label; a colour that this version does not know is grey."""
    known = color if color in LABEL_COLORS else "grey"
    return f"label_{known}", f"on_label_{known}"
