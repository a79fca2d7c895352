"""Where replies are written: text, files, drafts, and what is said when one cannot write."""
