// Package plot makes pictures of what CalculiX has computed: how the solver
// converged, how far the model moves, and the deformed model itself.
//
// Reader takes the files of a results document (.frd, .dat, .sta, .cvg) as
// they stream in; what it holds at most is set by Limits, because the files
// come from a marketplace and may be anything. Draw functions give an
// image.Image with axes, ticks and a legend, worded by the caller. Nothing here
// knows Fyne, a file or the service.
package plot
