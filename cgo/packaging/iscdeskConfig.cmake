# Targets: iscdesk::iscdesk, the library to link; iscdesk::headers, the headers
# alone, for the C++ interface that loads the library by itself.
get_filename_component(_iscdesk_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET iscdesk::headers)
  add_library(iscdesk::headers INTERFACE IMPORTED)
  find_package(Threads REQUIRED)
  set_target_properties(iscdesk::headers PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${_iscdesk_prefix}/include"
    INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS};Threads::Threads")

  add_library(iscdesk::iscdesk SHARED IMPORTED)
  set_target_properties(iscdesk::iscdesk PROPERTIES
    IMPORTED_LOCATION "${_iscdesk_prefix}/lib/libiscdesk.so"
    IMPORTED_SONAME "libiscdesk.so.1"
    INTERFACE_COMPILE_DEFINITIONS ISCDESK_LINK
    INTERFACE_INCLUDE_DIRECTORIES "${_iscdesk_prefix}/include")
endif()

unset(_iscdesk_prefix)
