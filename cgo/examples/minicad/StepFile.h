// The little of ISO 10303-21 ("STEP") that MiniCAD understands: a file is a
// header and a list of entities, #number=TYPE(arguments).
#ifndef MINICAD_STEP_FILE_H
#define MINICAD_STEP_FILE_H

#include <string>
#include <vector>

// Entity is one line of the data section. A complex entity, a list of types in
// parentheses, has an empty type.
struct Entity {
    long number;
    std::string type;
    std::string arguments; // with their parentheses
};

class StepFile {
  public:
    // read parses a file; it throws std::runtime_error saying what is wrong.
    static StepFile read(const std::string &path);
    // write replaces the file at path as a whole.
    void write(const std::string &path) const;

    const std::vector<Entity> &entities() const { return entities_; }
    std::size_t count(const std::string &type) const;

    // scale multiplies every coordinate of every CARTESIAN_POINT and gives how
    // many points there were.
    std::size_t scale(double factor);
    // rename gives every PRODUCT another name.
    std::size_t rename(const std::string &name);

  private:
    std::string head_; // up to and with "DATA;"
    std::vector<Entity> entities_;
    std::string tail_; // from "ENDSEC;" of the data section on
};

#endif
