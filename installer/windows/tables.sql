# What wixl cannot say, one statement a line; msi.sh runs them with msibuild.
# @VERSION@ is the version. Lines that begin with # are for readers.

# Programs carry a version: Windows Installer compares it, not the hash.
UPDATE File SET Version='@VERSION@.0', Language='1033' WHERE Component_<>'Texts'
DELETE FROM MsiFileHash WHERE File_='iscdesk.exe'
DELETE FROM MsiFileHash WHERE File_='tray.exe'
DELETE FROM MsiFileHash WHERE File_='iscdeskd.exe'
DELETE FROM MsiFileHash WHERE File_='iscdeskd.byhand'

# Components that depend on a property; '-' takes a setting away. 64 in the
# attributes: the condition counts again with REINSTALL, so that a setting can
# come and go after the installation.
UPDATE Component SET Condition='AUTOSTART<>"0"' WHERE Component='ServiceAutomatic'
UPDATE Component SET Condition='AUTOSTART="0"' WHERE Component='ServiceByHand'
UPDATE Component SET Condition='TRAY<>"0" AND AUTOSTART<>"0"' WHERE Component='TrayAtLogin'
UPDATE Component SET Condition='TRAY<>"0"' WHERE Component='TrayInMenu'
UPDATE Component SET Condition='MARKETPLACEURL AND MARKETPLACEURL<>"-"' WHERE Component='SettingMarketplaceURL'
UPDATE Component SET Condition='TENANT AND TENANT<>"-"' WHERE Component='SettingTenant'
UPDATE Component SET Condition='PROXY AND PROXY<>"-"' WHERE Component='SettingProxy'
UPDATE Component SET Condition='CAFILE AND CAFILE<>"-"' WHERE Component='SettingCAFile'
UPDATE Component SET Condition='LANGUAGE AND LANGUAGE<>"-"' WHERE Component='SettingLanguage'

UPDATE Component SET Attributes=324 WHERE Component='TrayAtLogin'
UPDATE Component SET Attributes=324 WHERE Component='TrayInMenu'
UPDATE Component SET Attributes=324 WHERE Component='SettingMarketplaceURL'
UPDATE Component SET Attributes=324 WHERE Component='SettingTenant'
UPDATE Component SET Attributes=324 WHERE Component='SettingProxy'
UPDATE Component SET Attributes=324 WHERE Component='SettingCAFile'
UPDATE Component SET Attributes=324 WHERE Component='SettingLanguage'

# Any older version and any other build of this one goes; 769 = migrate features, both ends included.
DELETE FROM Upgrade WHERE ActionProperty='OLDERFOUND'
INSERT INTO Upgrade (UpgradeCode, VersionMin, VersionMax, Attributes, ActionProperty) VALUES ('{5B6E0F64-9C0B-4C58-9A53-0D3C4B1C7E21}', '0.0.0', '@VERSION@', 769, 'OLDERFOUND')
INSERT INTO LaunchCondition (Condition, Description) VALUES ('NOT NEWERFOUND', '本机已安装更新版本的 iscdesk，不会用 @VERSION@ 覆盖它。如需旧版本，请先卸载当前版本。 A newer version of iscdesk is installed; @VERSION@ will not replace it. To go back, uninstall the newer version first.')
INSERT INTO LaunchCondition (Condition, Description) VALUES ('Installed OR (VersionNT64 AND VersionNT >= 603)', 'iscdesk 需要 64 位的 Windows 10、Windows Server 2016 或更高版本。 iscdesk needs 64-bit Windows 10, Windows Server 2016 or newer.')
INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('LaunchConditions', 100)
INSERT INTO InstallUISequence (Action, Sequence) VALUES ('LaunchConditions', 100)

# An upgrade deletes the service and makes it anew, so that its way of starting
# and its folder are those of the new installation.
UPDATE ServiceInstall SET Description='工业软件的许可证与云文档。 Licences and cloud documents for engineering applications.'
CREATE TABLE `MsiServiceConfig` (`MsiServiceConfig` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL LOCALIZABLE, `Event` SHORT NOT NULL, `ConfigType` LONG NOT NULL, `Argument` CHAR(0), `Component_` CHAR(72) NOT NULL PRIMARY KEY `MsiServiceConfig`)
INSERT INTO MsiServiceConfig (MsiServiceConfig, Name, Event, ConfigType, Argument, Component_) VALUES ('DelayedStart', 'iscdeskd', 5, 3, '1', 'ServiceAutomatic')
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('MsiConfigureServices', 'VersionMsi >= "5.00"', 5850)

# The state folder is closed to everybody but SYSTEM and the administrators. In
# the folder of the programs users may read and run, wherever INSTALLDIR is:
# below C:\ they could replace what runs as SYSTEM.
CREATE TABLE `MsiLockPermissionsEx` (`MsiLockPermissionsEx` CHAR(72) NOT NULL, `LockObject` CHAR(72) NOT NULL, `Table` CHAR(32) NOT NULL, `SDDLText` CHAR(0) NOT NULL, `Condition` CHAR(255) PRIMARY KEY `MsiLockPermissionsEx`)
INSERT INTO MsiLockPermissionsEx (MsiLockPermissionsEx, LockObject, `Table`, SDDLText) VALUES ('StateFolder', 'STATEDIR', 'CreateFolder', 'O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
INSERT INTO MsiLockPermissionsEx (MsiLockPermissionsEx, LockObject, `Table`, SDDLText) VALUES ('ProgramFolder', 'INSTALLDIR', 'CreateFolder', 'O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)')

# iscdesk.exe is found by its name.
CREATE TABLE `Environment` (`Environment` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL LOCALIZABLE, `Value` CHAR(255) LOCALIZABLE, `Component_` CHAR(72) NOT NULL PRIMARY KEY `Environment`)
INSERT INTO Environment (Environment, Name, Value, Component_) VALUES ('Path', '=-*Path', '[~];[INSTALLDIR]', 'CommandLine')
INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('RemoveEnvironmentStrings', 3300)
INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('WriteEnvironmentStrings', 5200)

# The tray app in the Start menu. Windows shows notifications of a program whose
# shortcut has its id.
UPDATE Shortcut SET Description='许可证、云文档与云端求解。 Licences, cloud documents and solves.'
CREATE TABLE `MsiShortcutProperty` (`MsiShortcutProperty` CHAR(72) NOT NULL, `Shortcut_` CHAR(72) NOT NULL, `PropertyKey` CHAR(0) NOT NULL, `PropVariantValue` CHAR(0) NOT NULL PRIMARY KEY `MsiShortcutProperty`)
INSERT INTO MsiShortcutProperty (MsiShortcutProperty, Shortcut_, PropertyKey, PropVariantValue) VALUES ('TrayAppId', 'TrayShortcut', 'System.AppUserModel.ID', 'iscdesk-tray')

# No file is replaced or deleted that runs, so running tray apps end first: that
# of who installs before Windows Installer looks for files in use (98 = a program
# in a folder, whatever becomes of it), those of everybody before the files go
# (3170, see below). Where somebody looks on, his comes back afterwards (226 =
# 98, not waited for), unless it is switched off; SYSTEM has no desktop.
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('QuitOwnTray', 98, 'INSTALLDIR', '"[INSTALLDIR]iscdesk-tray.exe" --quit')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('QuitTrays', 3170, 'INSTALLDIR', '"[INSTALLDIR]iscdesk-tray.exe" --quit')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('StartTray', 226, 'INSTALLDIR', '"[INSTALLDIR]iscdesk-tray.exe" --autostart')
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('QuitOwnTray', 'Installed OR OLDERFOUND', 1390)
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('QuitTrays', 'Installed', 2090)
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('StartTray', 'UILevel > 2 AND UserSID <> "S-1-5-18" AND TRAY <> "0" AND AUTOSTART <> "0" AND REMOVE <> "ALL"', 6610)

# The folder becomes the service's own (see MsiLockPermissionsEx), so it is no
# root of a drive, on which everything else would be closed too; it stands in
# PATH and in the service's path, which Windows expands. 19 = end with this text.
INSERT INTO CustomAction (Action, Type, Target) VALUES ('RefuseInstallDir', 19, 'INSTALLDIR 不能是 "[INSTALLDIR]"：它必须是本机磁盘上专用于 iscdesk 的文件夹，不能是驱动器根目录或网络路径，也不能含有 .. / ; %。 INSTALLDIR cannot be "[INSTALLDIR]": it must be a folder for iscdesk alone on a drive of this machine, no root, no network path, without .. / ; %.')
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('RefuseInstallDir', 'NOT Installed AND (INSTALLDIR >> ":\" OR INSTALLDIR << "\" OR INSTALLDIR >< ".." OR INSTALLDIR >< "/" OR INSTALLDIR >< ";" OR INSTALLDIR >< "%")', 1005)

# What an earlier installation was told and this one is not: 307 = set a
# property, once.
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepMarketplaceURL', 307, 'MARKETPLACEURL', '[OLDMARKETPLACEURL]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepTenant', 307, 'TENANT', '[OLDTENANT]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepProxy', 307, 'PROXY', '[OLDPROXY]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepCAFile', 307, 'CAFILE', '[OLDCAFILE]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepLanguage', 307, 'LANGUAGE', '[OLDLANGUAGE]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepAutostart', 307, 'AUTOSTART', '[OLDAUTOSTART]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('DefaultAutostart', 307, 'AUTOSTART', '1')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepTray', 307, 'TRAY', '[OLDTRAY]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('DefaultTray', 307, 'TRAY', '1')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('KeepInstallDir', 307, 'INSTALLDIR', '[OLDINSTALLDIR]')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('SetInstallLocation', 51, 'ARPINSTALLLOCATION', '[INSTALLDIR]')
@BOTH@ ('KeepMarketplaceURL', 'OLDMARKETPLACEURL AND NOT MARKETPLACEURL', 51)
@BOTH@ ('KeepTenant', 'OLDTENANT AND NOT TENANT', 52)
@BOTH@ ('KeepProxy', 'OLDPROXY AND NOT PROXY', 53)
@BOTH@ ('KeepCAFile', 'OLDCAFILE AND NOT CAFILE', 54)
@BOTH@ ('KeepLanguage', 'OLDLANGUAGE AND NOT LANGUAGE', 55)
@BOTH@ ('KeepAutostart', 'OLDAUTOSTART AND NOT AUTOSTART', 56)
@BOTH@ ('DefaultAutostart', 'NOT AUTOSTART', 57)
@BOTH@ ('KeepInstallDir', 'OLDINSTALLDIR AND NOT INSTALLDIR', 58)
@BOTH@ ('KeepTray', 'OLDTRAY AND NOT TRAY', 59)
@BOTH@ ('DefaultTray', 'NOT TRAY', 60)
INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('SetInstallLocation', 1010)
UPDATE Property SET Value='OLDERFOUND;NEWERFOUND;MARKETPLACEURL;TENANT;PROXY;CAFILE;LANGUAGE;AUTOSTART;TRAY;INSTALLDIR;PURGE' WHERE Property='SecureCustomProperties'
INSERT INTO Property (Property, Value) VALUES ('ARPCOMMENTS', '工业软件的许可证与云文档。 Licences and cloud documents for engineering applications.')

# At the end the service's own program clears its state, as only it knows what
# is in the cloud. 3170 = a program in a folder, deferred, as SYSTEM, and the
# uninstallation goes on if it fails. SYSTEM has no desktop: nothing is seen.
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('ClearState', 3170, 'INSTALLDIR', '"[INSTALLDIR]iscdeskd.exe" state clear --system')
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('PurgeState', 3170, 'INSTALLDIR', '"[INSTALLDIR]iscdeskd.exe" state clear --system --all')
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('ClearState', 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND PURGE<>"1"', 2100)
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('PurgeState', 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND PURGE="1"', 2101)

# Windows tells the older product that a newer one replaces it; Wine 10 does
# not, but it passes this property on in a command line.
INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('TellUpgradeUnderWine', 51, 'OLDERFOUND', '[OLDERFOUND] UPGRADINGPRODUCTCODE=[ProductCode]')
INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('TellUpgradeUnderWine', 'WINE AND OLDERFOUND', 1490)
