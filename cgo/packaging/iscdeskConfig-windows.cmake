# Targets: iscdesk::iscdesk, the library to link; iscdesk::headers, the headers
# alone, for the C++ interface that loads the library by itself.
#
# iscdesk_copy_library(TARGET) puts the DLL beside a program after each build:
# an application finds it in its own folder.
get_filename_component(_iscdesk_prefix "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  set(_iscdesk_arch x86)
  set(_iscdesk_name IscdeskApi)
else()
  set(_iscdesk_arch x64)
  set(_iscdesk_name IscdeskApi64)
endif()
if(MINGW)
  set(_iscdesk_implib "lib${_iscdesk_name}.dll.a")
else()
  set(_iscdesk_implib "${_iscdesk_name}.lib")
endif()

if(NOT TARGET iscdesk::headers)
  add_library(iscdesk::headers INTERFACE IMPORTED)
  set_target_properties(iscdesk::headers PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${_iscdesk_prefix}/include")

  add_library(iscdesk::iscdesk SHARED IMPORTED)
  set_target_properties(iscdesk::iscdesk PROPERTIES
    IMPORTED_LOCATION "${_iscdesk_prefix}/bin/${_iscdesk_arch}/${_iscdesk_name}.dll"
    IMPORTED_IMPLIB "${_iscdesk_prefix}/lib/${_iscdesk_arch}/${_iscdesk_implib}"
    INTERFACE_COMPILE_DEFINITIONS ISCDESK_LINK
    INTERFACE_INCLUDE_DIRECTORIES "${_iscdesk_prefix}/include")
endif()

function(iscdesk_copy_library target)
  get_target_property(library iscdesk::iscdesk IMPORTED_LOCATION)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${library}" "$<TARGET_FILE_DIR:${target}>")
endfunction()

unset(_iscdesk_prefix)
unset(_iscdesk_arch)
unset(_iscdesk_name)
unset(_iscdesk_implib)
