"""A small Supabase on loopback: Auth, Rest, Storage and Realtime for the unmodified supabase-py."""
