-- What is particular to SMS: how many parts a text becomes, and that an opt-out is known however it
-- reaches us.

-- The parts that networks make of a text and bill; the same as console/domain/segments.py (a test
-- compares them). Source: 3GPP TS 23.038. An empty text has none.
create function private.sms_segments(content text) returns integer
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  basic constant text := E'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,-./0123456789:;<=>'
    '?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
  extended constant text := E'\f^{}\\[~]|€';  -- two septets each
  is_gsm boolean;
  one integer;
  part integer;
  whole integer;
  parts integer := 1;
  used integer := 0;
  letter text;
  size integer;
begin
  if coalesce(content, '') = '' then
    return 0;
  end if;
  is_gsm := translate(content, basic || extended, '') = '';
  if is_gsm then
    one := 160;
    part := 153;
    whole := char_length(content) * 2 - char_length(translate(content, extended, ''));
  else
    one := 70;
    part := 67;
    -- in UTF-16, where four bytes of UTF-8 are two units
    whole := char_length(content)
      + char_length(regexp_replace(content, '[^\U00010000-\U0010ffff]', '', 'g'));
  end if;
  if whole <= one then
    return 1;
  end if;
  if whole = char_length(content) then
    return ceil(whole / part::numeric);
  end if;
  -- What takes two places is never torn apart by a part's end.
  foreach letter in array string_to_array(content, null) loop
    size := case
      when is_gsm then case when strpos(extended, letter) > 0 then 2 else 1 end
      when ascii(letter) > 65535 then 2 else 1 end;
    if used + size > part then
      parts := parts + 1;
      used := 0;
    end if;
    used := used + size;
  end loop;
  return parts;
end $$;

-- metadata.segments of what we send by SMS. With files it is an MMS, which is one message.
create function private.count_segments() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.metadata := coalesce(new.metadata, '{}') || jsonb_build_object('segments',
    case when new.media <> '[]' then 1 else private.sms_segments(new.content) end);
  return new;
end $$;
create trigger balas_segments_insert before insert on public.messages
  for each row when (new.direction = 'outbound' and new.to_number ~ '^\+')
  execute function private.count_segments();
create trigger balas_segments_update before update of content, media on public.messages
  for each row when (new.direction = 'outbound' and new.to_number ~ '^\+'
                     and (new.content, new.media) is distinct from (old.content, old.media))
  execute function private.count_segments();

-- Twilio refuses to write to somebody who opted out (21610): they did so with a carrier, or before
-- we were here. Kept on the address, as if we had heard it, unless they have opted in again since
-- this message was written.
create function private.note_opt_out() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.contact_addresses a set opted_out_at = clock_timestamp()
   where a.address = new.to_number and a.opted_out_at is null
     and not exists (
       select from public.messages m
        where m.from_number = new.to_number and m.direction = 'inbound'
          and m."timestamp" > new."timestamp"
          and (m.metadata #>> '{raw,OptOutType}' = 'START'
               or upper(btrim(m.content)) in ('START', 'UNSTOP')));
  return null;
end $$;
create trigger balas_opt_out_insert after insert on public.messages
  for each row when (new.error_code = 21610 and new.direction = 'outbound')
  execute function private.note_opt_out();
create trigger balas_opt_out_update after update of error_code on public.messages
  for each row when (new.error_code = 21610 and new.direction = 'outbound'
                     and old.error_code is distinct from new.error_code)
  execute function private.note_opt_out();

-- The thread says when somebody opted out or in.
create function private.tell_opt_out() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.tell_of_contact(new.contact_id,
    case when new.opted_out_at is null then 'opted_in' else 'opted_out' end,
    jsonb_build_object('address', new.address));
  return null;
end $$;
create trigger balas_tell_opt_out after update of opted_out_at on public.contact_addresses
  for each row when ((old.opted_out_at is null) <> (new.opted_out_at is null))
  execute function private.tell_opt_out();

revoke all on function
  private.sms_segments(text), private.count_segments(), private.note_opt_out(),
  private.tell_opt_out()
  from public, anon, authenticated;
