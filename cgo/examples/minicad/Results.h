// Reads what the solver of the cloud (CalculiX) found out.
#ifndef MINICAD_RESULTS_H
#define MINICAD_RESULTS_H

#include <string>

// Displacement is the largest displacement of a node.
struct Displacement {
    long node = 0;
    double size = 0; // in the unit of the model
};

// largest_displacement reads the results, a file or a folder that holds one
// whose name ends in .frd; it throws std::runtime_error where there is none.
Displacement largest_displacement(const std::string &results);

#endif
