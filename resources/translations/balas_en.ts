<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
 <context>
  <name>inbox</name>
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
