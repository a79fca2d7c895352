<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
 <context>
  <name>acts</name>
  <message numerus="yes">
   <source>%n conversation(s)</source>
   <translation>
    <numerusform>%n conversation</numerusform>
    <numerusform>%n conversations</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Colleagues have %n conversation(s)</source>
   <translation>
    <numerusform>A colleague has %n conversation</numerusform>
    <numerusform>Colleagues have %n conversations</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>administration</name>
  <message numerus="yes">
   <source>%n agent(s)</source>
   <translation>
    <numerusform>%n agent</numerusform>
    <numerusform>%n agents</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n file(s)</source>
   <translation>
    <numerusform>%n file</numerusform>
    <numerusform>%n files</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n inbox(es)</source>
   <translation>
    <numerusform>%n inbox</numerusform>
    <numerusform>%n inboxes</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n open</source>
   <translation>
    <numerusform>%n open</numerusform>
    <numerusform>%n open</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>alerts</name>
  <message numerus="yes">
   <source>%n unread</source>
   <translation>
    <numerusform>%n unread</numerusform>
    <numerusform>%n unread</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>company</name>
  <message numerus="yes">
   <source>%n colleague(s) are typing…</source>
   <translation>
    <numerusform>%n colleague is typing…</numerusform>
    <numerusform>%n colleagues are typing…</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n colleague(s) are viewing</source>
   <translation>
    <numerusform>%n colleague is viewing</numerusform>
    <numerusform>%n colleagues are viewing</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>composer</name>
  <message numerus="yes">
   <source>%n character(s) are too many to paste here. Send the text as a file instead.</source>
   <translation>
    <numerusform>%n character is too many to paste here. Send the text as a file instead.</numerusform>
    <numerusform>%n characters are too many to paste here. Send the text as a file instead.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n file(s)</source>
   <translation>
    <numerusform>%n file</numerusform>
    <numerusform>%n files</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n more character(s) fit into this part.</source>
   <translation>
    <numerusform>%n more character fits into this part.</numerusform>
    <numerusform>%n more characters fit into this part.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n value(s) not filled in. Type over it; Enter sends it all the same.</source>
   <translation>
    <numerusform>%n value is not filled in. Type over it; Enter sends it all the same.</numerusform>
    <numerusform>%n values are not filled in. Type over them; Enter sends it all the same.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n value(s) to fill in</source>
   <translation>
    <numerusform>%n value to fill in</numerusform>
    <numerusform>%n values to fill in</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>and %n earlier</source>
   <translation>
    <numerusform>and %n earlier</numerusform>
    <numerusform>and %n earlier</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>contact</name>
  <message numerus="yes">
   <source>%n conversation(s) become one with the other's</source>
   <translation>
    <numerusform>%n conversation becomes one with the other's</numerusform>
    <numerusform>%n conversations become one with the other's</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n conversation(s) move</source>
   <translation>
    <numerusform>%n conversation moves</numerusform>
    <numerusform>%n conversations move</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n number(s) move</source>
   <translation>
    <numerusform>%n number moves</numerusform>
    <numerusform>%n numbers move</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>handover</name>
  <message numerus="yes">
   <source>%n conversation(s)</source>
   <translation>
    <numerusform>%n conversation</numerusform>
    <numerusform>%n conversations</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n conversation(s) handed over</source>
   <translation>
    <numerusform>%n conversation handed over</numerusform>
    <numerusform>%n conversations handed over</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n stayed: your colleague does not work in their inbox.</source>
   <translation>
    <numerusform>%n stayed: your colleague does not work in its inbox.</numerusform>
    <numerusform>%n stayed: your colleague does not work in their inbox.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Hand over %n conversation(s)</source>
   <translation>
    <numerusform>Hand over %n conversation</numerusform>
    <numerusform>Hand over %n conversations</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>inbox</name>
  <message numerus="yes">
   <source>%n chosen</source>
   <translation>
    <numerusform>%n chosen</numerusform>
    <numerusform>%n chosen</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n conversation(s) belong to nobody yet.</source>
   <translation>
    <numerusform>%n conversation belongs to nobody yet.</numerusform>
    <numerusform>%n conversations belong to nobody yet.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n reply(s) wait for your word: something happened since you wrote.</source>
   <translation>
    <numerusform>%n reply waits for your word: something happened since you wrote.</numerusform>
    <numerusform>%n replies wait for your word: something happened since you wrote.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n reply(s) waiting; sent by itself when the line is back.</source>
   <translation>
    <numerusform>%n reply is waiting; it leaves by itself when the line is back.</numerusform>
    <numerusform>%n replies are waiting; they leave by themselves when the line is back.</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>sign_out</name>
  <message numerus="yes">
   <source>%n reply(s) not sent yet</source>
   <translation>
    <numerusform>%n reply not sent yet</numerusform>
    <numerusform>%n replies not sent yet</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>starting</name>
  <message numerus="yes">
   <source>%n value(s) to fill in</source>
   <translation>
    <numerusform>%n value to fill in</numerusform>
    <numerusform>%n values to fill in</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>templates</name>
  <message numerus="yes">
   <source>%n value(s) filled in</source>
   <translation>
    <numerusform>%n value filled in</numerusform>
    <numerusform>%n values filled in</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n value(s) to fill in</source>
   <translation>
    <numerusform>%n value to fill in</numerusform>
    <numerusform>%n values to fill in</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>timeline</name>
  <message numerus="yes">
   <source>%n new</source>
   <translation>
    <numerusform>%n new</numerusform>
    <numerusform>%n new</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n new message(s)</source>
   <translation>
    <numerusform>%n new message</numerusform>
    <numerusform>%n new messages</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n page(s)</source>
   <translation>
    <numerusform>%n page</numerusform>
    <numerusform>%n pages</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>words</name>
  <message numerus="yes">
   <source>%n unread</source>
   <translation>
    <numerusform>%n unread</numerusform>
    <numerusform>%n unread</numerusform>
   </translation>
  </message>
 </context>
</TS>
