-- What the team knows of a customer beside the name, and everybody in the order of the alphabet.
alter table contacts add column locale text;
alter table contacts add column notes text not null default '';
alter table contacts add column attributes text not null default '{}';
alter table contacts add column created_at integer;

-- The contacts page: `sort` is the name as search compares it (who has none comes after all
-- others, by number), `needle` what finds them.
create table people (
  sort text not null, contact_id text not null, needle text not null,
  primary key (sort, contact_id)
) strict, without rowid;
create unique index people_contact on people (contact_id);

insert into people
select case when p.name <> '' then lower(p.name) else char(57344) || coalesce(p.number, '') end,
       p.id, trim(lower(p.name) || ' ' || p.number)
from (
  select c.id, c.name, trim(coalesce(c.phone, '') || ' ' || coalesce(
    (select group_concat(replace(replace(a.address, 'whatsapp:', ''), '+', ''), ' ')
     from addresses a where a.contact_id = c.id), '')) as number
  from contacts c) p;

-- The new columns come with the feed, which begins anew; nothing that is here goes.
delete from meta where key = 'cursor';
