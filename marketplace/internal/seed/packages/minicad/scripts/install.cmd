@echo off
rem Installs minicad into %ISCDESK_APP_DIR%. May be run again over an earlier or
rem an interrupted installation: each file is replaced as a whole.
if not defined ISCDESK_APP_DIR exit /b 2
cd /d "%~dp0.." || exit /b 1
if not exist "%ISCDESK_APP_DIR%\bin" mkdir "%ISCDESK_APP_DIR%\bin" || exit /b 1
for %%f in (bin\minicad.cmd VERSION) do (
	copy /y "%%f" "%ISCDESK_APP_DIR%\%%f.new" >nul || exit /b 1
	move /y "%ISCDESK_APP_DIR%\%%f.new" "%ISCDESK_APP_DIR%\%%f" >nul || exit /b 1
)
echo minicad is installed in %ISCDESK_APP_DIR%
