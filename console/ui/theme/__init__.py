"""How everything looks: tokens, type, icons, and the style sheet made of them."""
