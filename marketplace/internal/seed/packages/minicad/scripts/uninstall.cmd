@echo off
rem Removes what install.cmd made, and goes on after any error.
if not defined ISCDESK_APP_DIR exit /b 2
del /q "%ISCDESK_APP_DIR%\bin\minicad.cmd" "%ISCDESK_APP_DIR%\bin\minicad.cmd.new" 2>nul
del /q "%ISCDESK_APP_DIR%\VERSION" "%ISCDESK_APP_DIR%\VERSION.new" 2>nul
rmdir "%ISCDESK_APP_DIR%\bin" 2>nul
echo minicad is removed
