"""Tests of the Supabase client against the real gateway, on good days and bad."""
