#include "Results.h"

#include <cmath>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "../common/Platform.h"

namespace {

bool ends_with(const std::string &text, const std::string &end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string frd_file(const std::string &results) {
    if (platform::is_file(results))
        return results;
    for (const std::string &name : platform::entries(results))
        if (ends_with(name, ".frd"))
            return results + "/" + name;
    throw std::runtime_error("there are no results in " + results);
}

double column(const std::string &line, std::size_t number) {
    return line.size() >= 13 + 12 * number ? std::strtod(line.substr(13 + 12 * number, 12).c_str(), nullptr)
                                           : 0;
}

} // namespace

// The lines of a .frd file say in their first columns what they are: -4 begins
// a block and names it, -1 is one node of it with its values, -3 ends it.
Displacement largest_displacement(const std::string &results) {
    std::istringstream in(platform::read(frd_file(results)));
    Displacement largest;
    bool inside = false, found = false;
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, 3, " -4") == 0)
            inside = line.find("DISP") != std::string::npos;
        else if (line.compare(0, 3, " -3") == 0)
            inside = false;
        else if (inside && line.compare(0, 3, " -1") == 0) {
            const double x = column(line, 0), y = column(line, 1), z = column(line, 2);
            const double size = std::sqrt(x * x + y * y + z * z);
            found = true;
            if (size > largest.size) {
                largest.size = size;
                largest.node = std::atol(line.substr(3, 10).c_str());
            }
        }
    }
    if (!found)
        throw std::runtime_error("the results hold no displacements");
    return largest;
}
