@echo off
rem Stands for the program of the sample: tells which version is installed.
set /p version=<"%~dp0..\VERSION"
echo minicad %version%
