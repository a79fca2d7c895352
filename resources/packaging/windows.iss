; The installer for Windows, by Inno Setup 6.3 or newer. After `py dev.py build`, in the checkout:
;
;   iscc /DVersion=0.1.0 resources\packaging\windows.iss
;
; With a project file for everybody, /DPreset=C:\path\balas-project.json . Signed when a sign tool
; named `balas` is set up in Inno Setup (Tools, Configure Sign Tools) and /DSign is given.

#ifndef Version
  #error Give the version: iscc /DVersion=0.1.0
#endif

[Setup]
AppId={{6C0E2D4B-9B52-4C55-9C0B-9B6E8D0B41A5}
AppName=Balas
AppVersion={#Version}
AppPublisher=Balas
DefaultDirName={autopf}\Balas
DefaultGroupName=Balas
DisableProgramGroupPage=yes
; Without administrator's rights it goes to the person's own programs.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir=..\..\dist
OutputBaseFilename=balas-{#Version}-setup
SetupIconFile=balas.ico
UninstallDisplayIcon={app}\balas.exe
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
ChangesAssociations=yes
#ifdef Sign
SignTool=balas
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; Libraries of the release before; a project file beside the program stays.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\dist\balas\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
#ifdef Preset
Source: "{#Preset}"; DestDir: "{app}"; DestName: "balas-project.json"; Flags: ignoreversion
#endif

[Icons]
Name: "{group}\Balas"; Filename: "{app}\balas.exe"; AppUserModelID: "app.balas.desktop"
Name: "{autodesktop}\Balas"; Filename: "{app}\balas.exe"; Tasks: desktopicon

[Registry]
; Links such as balas://conversation/... open the window.
Root: HKA; Subkey: "Software\Classes\balas"; ValueType: string; ValueData: "URL:Balas"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\balas"; ValueType: string; ValueName: "URL Protocol"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\balas\DefaultIcon"; ValueType: string; ValueData: "{app}\balas.exe,0"
Root: HKA; Subkey: "Software\Classes\balas\shell\open\command"; ValueType: string; ValueData: """{app}\balas.exe"" ""%1"""

[Run]
Filename: "{app}\balas.exe"; Description: "{cm:LaunchProgram,Balas}"; Flags: nowait postinstall skipifsilent
