/* Lines of a log in the plain form: whether a block of them has it, when its events happened, and whose they are.
 *
 * A line has the plain form if it is one event without spaces, escapes, fractions or parts within parts, which says no
 * key twice. Nothing is decoded here and nothing refused: of a block that holds any other line the functions return
 * None, and whoever called them reads it in the general way, which does without this module too. What is said between
 * two quotation marks is left to the decoder, but for ids (which rise), subjects (which are not blank) and times (in
 * the zone's own form, on a day of its usual offset).
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define MOST_MEMBERS 64 /* of an event's data */
#define MOST_FIGURES 15 /* of a number */
#define NONE INT64_MIN  /* no instant */
#define SHORTEST_LINE 40 /* {"id":"","type":"","time":"","data":{}} and its line break */

typedef struct {
    const char *at; /* NULL if there is none */
    Py_ssize_t size;
} Text;

typedef struct {
    Text id, type, time, subject;
    Text keys[MOST_MEMBERS], values[MOST_MEMBERS]; /* of the data; values that are no strings have no text */
    int members;
} Line;

typedef struct {
    long long first, last; /* between these days, counted from 1970, the zone has its usual offset */
    long long offset;      /* in seconds */
    Text written;          /* how the offset is written */
    char date[10];         /* the day at hand, and its first second */
    int64_t midnight;
} Zone;

static int is(Text text, Text other)
{
    return text.size == other.size && memcmp(text.at, other.at, text.size) == 0;
}

#define SAYS(text, word) ((text).size == sizeof(word) - 1 && memcmp((text).at, word, sizeof(word) - 1) == 0)

/* The readers below return where what they have read ends, NULL if it does not have the plain form. A block ends in a
 * line break, which stands in none of the things they read: so they stay within it. */

static const unsigned char stops[256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['"'] = 1, ['\\'] = 1,
};

static const char *read_string(const char *at, Text *text)
{
    if (*at++ != '"')
        return NULL;
    text->at = at;
    while (!stops[(unsigned char)*at])
        at++;
    text->size = at - text->at;
    return *at == '"' ? at + 1 : NULL;
}

static const char *read_word(const char *at, const char *word)
{
    size_t size = strlen(word);
    return strncmp(at, word, size) == 0 ? at + size : NULL;
}

static const char *read_number(const char *at)
{
    if (*at == '0')
        return at + 1;
    if (*at == '-')
        at++;
    if (*at < '1' || *at > '9')
        return NULL;
    for (int figures = 0; *at >= '0' && *at <= '9'; at++)
        if (figures++ == MOST_FIGURES)
            return NULL;
    return at;
}

static const char *read_value(const char *at, Text *text)
{
    if (*at == '"')
        return read_string(at, text);
    *text = (Text){NULL, 0};
    return *at == 't' ? read_word(at, "true") : *at == 'f' ? read_word(at, "false") : read_number(at);
}

static const char *read_data(const char *at, Line *line)
{
    if (*at++ != '{')
        return NULL;
    if (*at == '}')
        return at + 1;
    while (line->members < MOST_MEMBERS) {
        int number = line->members++;
        Text *key = &line->keys[number];
        if ((at = read_string(at, key)) == NULL || *at++ != ':')
            return NULL;
        for (int other = 0; other < number; other++)
            if (is(line->keys[other], *key))
                return NULL;
        if ((at = read_value(at, &line->values[number])) == NULL)
            return NULL;
        if (*at == '}')
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
    return NULL;
}

static Text *member_of(Line *line, Text key)
{
    return SAYS(key, "id")        ? &line->id
           : SAYS(key, "type")    ? &line->type
           : SAYS(key, "time")    ? &line->time
           : SAYS(key, "subject") ? &line->subject
                                  : NULL;
}

static const char *read_line(const char *at, Line *line)
{
    int has_data = line->members = 0;
    line->id.at = line->type.at = line->time.at = line->subject.at = NULL;
    if (*at++ != '{')
        return NULL;
    for (;;) {
        Text key, *text;
        if ((at = read_string(at, &key)) == NULL || *at++ != ':')
            return NULL;
        if (SAYS(key, "data"))
            at = has_data++ ? NULL : read_data(at, line);
        else if ((text = member_of(line, key)) != NULL && text->at == NULL)
            at = read_string(at, text);
        else
            return NULL;
        if (at == NULL)
            return NULL;
        if (*at == '}')
            break;
        if (*at++ != ',')
            return NULL;
    }
    if (at[1] != '\n' || !has_data || line->id.at == NULL || line->type.at == NULL || line->time.at == NULL)
        return NULL;
    return at + 2;
}

/* A subject surely holds more than spaces if it begins with a letter of ASCII or one from U+4000 on. */
static int is_blank(Text subject)
{
    unsigned char first = subject.size ? (unsigned char)*subject.at : 0;
    return first <= 0x20 || (first >= 0x7f && first < 0xe4);
}

static int rises(Text id, Text *last)
{
    int order = memcmp(last->at, id.at, id.size < last->size ? id.size : last->size);
    int after = order < 0 || (order == 0 && last->size < id.size);
    *last = id;
    return after;
}

static int figures(const char *at, int count)
{
    int found = 0;
    for (; count; count--, at++) {
        if (*at < '0' || *at > '9')
            return -1;
        found = found * 10 + (*at - '0');
    }
    return found;
}

/* Return the first second of a date of ten letters. */
static int64_t midnight_of(const char *date, const Zone *zone)
{
    static const int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int year = figures(date, 4), month = figures(date + 5, 2), day = figures(date + 8, 2);
    if (date[4] != '-' || date[7] != '-' || year < 1 || month < 1 || month > 12 || day < 1)
        return NONE;
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > days_before[month] - days_before[month - 1] + (leap && month == 2))
        return NONE;
    int64_t past = year - 1;
    int64_t since = past * 365 + past / 4 - past / 100 + past / 400 - 719162; /* days from year 1 to 1970 */
    since += days_before[month - 1] + (leap && month > 2) + day - 1;
    return since > zone->first && since < zone->last ? since * 86400 - zone->offset : NONE;
}

static int64_t instant_of(Text time, Zone *zone)
{
    const char *at = time.at;
    if (time.size != 19 + zone->written.size || memcmp(at + 19, zone->written.at, zone->written.size) != 0)
        return NONE;
    if (memcmp(zone->date, at, 10) != 0) {
        zone->midnight = midnight_of(at, zone);
        memcpy(zone->date, at, 10);
    }
    int hours = figures(at + 11, 2), minutes = figures(at + 14, 2), seconds = figures(at + 17, 2);
    if (zone->midnight == NONE || at[10] != 'T' || at[13] != ':' || at[16] != ':')
        return NONE;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
        return NONE;
    return zone->midnight + hours * 3600 + minutes * 60 + seconds;
}

static int ends_a_line(Text block)
{
    return block.size > 0 && block.at[block.size - 1] == '\n';
}

PyDoc_STRVAR(instants_doc, "instants(block, last, usual)\n--\n\n"
                           "Return when the events of a block of lines happened, None if it does not have the plain form.\n\n"
                           "`last`: the id above which ids rise, None if they need not. `usual`: see `Clock`.");

static PyObject *instants(PyObject *Py_UNUSED(module), PyObject *args)
{
    Text block, last;
    Zone zone = {.midnight = NONE};
    if (!PyArg_ParseTuple(args, "y#z#(LLLs#):instants", &block.at, &block.size, &last.at, &last.size, &zone.first,
                          &zone.last, &zone.offset, &zone.written.at, &zone.written.size))
        return NULL;
    if (!ends_a_line(block))
        Py_RETURN_NONE;
    PyObject *found = PyList_New(0);
    if (found == NULL)
        return NULL;
    int in_order = last.at != NULL;
    Line line;
    for (const char *at = block.at, *end = at + block.size; at < end;) {
        int64_t instant;
        if ((at = read_line(at, &line)) == NULL || (line.subject.at != NULL && is_blank(line.subject)) ||
            (in_order && !rises(line.id, &last)) || (instant = instant_of(line.time, &zone)) == NONE) {
            Py_DECREF(found);
            Py_RETURN_NONE;
        }
        PyObject *number = PyLong_FromLongLong(instant);
        if (number == NULL || PyList_Append(found, number) < 0) {
            Py_XDECREF(number);
            Py_DECREF(found);
            return NULL;
        }
        Py_DECREF(number);
    }
    return found;
}

/* What a reader of instants keeps: the zone, and the tuple in which the text of its offset stands. */
typedef struct {
    Zone zone;
    PyObject *usual;
} Reader;

#define READER "dutyrules.compiler._lines.reader"

static PyObject *instant(PyObject *capsule, PyObject *string)
{
    Reader *reader = PyCapsule_GetPointer(capsule, READER);
    Text text;
    if (reader == NULL || (text.at = PyUnicode_AsUTF8AndSize(string, &text.size)) == NULL)
        return NULL;
    int64_t found = instant_of(text, &reader->zone);
    return found == NONE ? Py_NewRef(Py_None) : PyLong_FromLongLong(found);
}

static PyMethodDef instant_definition = {"instant", instant, METH_O, NULL};

static void free_reader(PyObject *capsule)
{
    Reader *reader = PyCapsule_GetPointer(capsule, READER);
    Py_DECREF(reader->usual);
    PyMem_Free(reader);
}

PyDoc_STRVAR(reader_doc, "reader(usual)\n--\n\n"
                         "Return what gives the instant of a text in the zone's own form, None for any other text.\n\n"
                         "`usual`: see `Clock`.");

static PyObject *reader(PyObject *Py_UNUSED(module), PyObject *args)
{
    Zone zone = {.midnight = NONE};
    PyObject *usual;
    if (!PyArg_ParseTuple(args, "O!:reader", &PyTuple_Type, &usual) ||
        !PyArg_ParseTuple(usual, "LLLs#:reader", &zone.first, &zone.last, &zone.offset, &zone.written.at,
                          &zone.written.size))
        return NULL;
    Reader *made = PyMem_Malloc(sizeof *made);
    if (made == NULL)
        return PyErr_NoMemory();
    *made = (Reader){zone, usual};
    PyObject *capsule = PyCapsule_New(made, READER, free_reader);
    if (capsule == NULL) {
        PyMem_Free(made);
        return NULL;
    }
    Py_INCREF(usual);
    PyObject *found = PyCFunction_New(&instant_definition, capsule);
    Py_DECREF(capsule);
    return found;
}

/* The field that says whose an event of a type is; without text where its subject does. */
typedef struct {
    Text type, field;
} Person;

typedef struct {
    Person *all;
    Py_ssize_t count;
} Persons;

static int text_of(PyObject *string, Text *text)
{
    return (text->at = PyUnicode_AsUTF8AndSize(string, &text->size)) == NULL ? -1 : 0;
}

static int read_persons(PyObject *fields, Persons *persons)
{
    PyObject *type, *field;
    Py_ssize_t position = 0;
    if ((persons->all = PyMem_Calloc(PyDict_Size(fields) + 1, sizeof *persons->all)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    while (PyDict_Next(fields, &position, &type, &field)) {
        Person *one = &persons->all[persons->count++];
        if (text_of(type, &one->type) < 0 || (field != Py_None && text_of(field, &one->field) < 0))
            return -1;
    }
    return 0;
}

/* Find what says whose an event is; 0 if it is no text, or the event's type is not known. */
static int person_of(const Line *line, const Persons *persons, Text *person)
{
    const Person *one = persons->all, *end = one + persons->count;
    while (one < end && !is(one->type, line->type))
        one++;
    if (one == end)
        return 0;
    *person = line->subject;
    for (int number = 0; one->field.at != NULL && number < line->members; number++)
        if (is(line->keys[number], one->field)) {
            if (line->values[number].size > 0)
                *person = line->values[number];
            return line->values[number].at != NULL;
        }
    return 1;
}

static uint32_t crc_table[256];

static void fill_crc_table(void)
{
    for (uint32_t number = 0; number < 256; number++) {
        uint32_t rest = number;
        for (int bit = 0; bit < 8; bit++)
            rest = rest & 1 ? 0xedb88320 ^ (rest >> 1) : rest >> 1;
        crc_table[number] = rest;
    }
}

/* The sum that `zlib.crc32` makes; 0 for nobody. */
static uint32_t crc_of(Text text)
{
    uint32_t sum = 0xffffffff;
    if (text.at == NULL)
        return 0;
    for (Py_ssize_t number = 0; number < text.size; number++)
        sum = crc_table[(sum ^ (unsigned char)text.at[number]) & 0xff] ^ (sum >> 8);
    return ~sum;
}

typedef struct {
    Py_ssize_t size;
    uint32_t share;
} Piece;

/* Tell which share each line belongs to; return how many there are, -1 if the block does not have the plain form. */
static Py_ssize_t share_out(Text block, Text *last, const Persons *persons, uint32_t count, Piece *pieces)
{
    Line line;
    Text person;
    Py_ssize_t found = 0;
    for (const char *at = block.at, *begin = at, *end = at + block.size; at < end; begin = at) {
        if ((at = read_line(at, &line)) == NULL || !rises(line.id, last) || !person_of(&line, persons, &person))
            return -1;
        pieces[found++] = (Piece){at - begin, crc_of(person) % count};
    }
    return found;
}

static PyObject *put_together(const char *at, const Piece *pieces, Py_ssize_t found, uint32_t count)
{
    Py_ssize_t *places = PyMem_Calloc(count, sizeof *places);
    PyObject *parts = PyList_New(count);
    if (places == NULL || parts == NULL) {
        Py_XDECREF(parts);
        PyMem_Free(places);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t number = 0; number < found; number++)
        places[pieces[number].share] += pieces[number].size;
    for (uint32_t share = 0; share < count; share++) {
        PyObject *part = PyBytes_FromStringAndSize(NULL, places[share]);
        if (part == NULL) {
            Py_DECREF(parts);
            PyMem_Free(places);
            return NULL;
        }
        PyList_SET_ITEM(parts, share, part);
        places[share] = 0;
    }
    for (Py_ssize_t number = 0; number < found; number++) {
        const Piece *piece = &pieces[number];
        memcpy(PyBytes_AS_STRING(PyList_GET_ITEM(parts, piece->share)) + places[piece->share], at, piece->size);
        places[piece->share] += piece->size;
        at += piece->size;
    }
    PyMem_Free(places);
    return parts;
}

PyDoc_STRVAR(shares_doc, "shares(block, last, persons, count)\n--\n\n"
                         "Return the lines of each share of a block and the last id, None if it does not have the plain form.\n\n"
                         "`last`: the id above which ids rise. `persons` gives for each type the field that says whose an\n"
                         "event is, None for its subject. The number of the share is the CRC-32 of that text modulo `count`.");

static PyObject *shares(PyObject *Py_UNUSED(module), PyObject *args)
{
    Text block, last;
    PyObject *fields, *parts = NULL;
    unsigned int count;
    if (!PyArg_ParseTuple(args, "y#s#O!I:shares", &block.at, &block.size, &last.at, &last.size, &PyDict_Type, &fields,
                          &count))
        return NULL;
    if (!ends_a_line(block) || count == 0)
        Py_RETURN_NONE;
    Persons persons = {NULL, 0};
    Piece *pieces = PyMem_Malloc((block.size / SHORTEST_LINE + 1) * sizeof *pieces);
    if (pieces == NULL)
        PyErr_NoMemory();
    else if (read_persons(fields, &persons) == 0) {
        Py_ssize_t found = share_out(block, &last, &persons, count, pieces);
        parts = found < 0 ? Py_NewRef(Py_None) : put_together(block.at, pieces, found, count);
    }
    PyMem_Free(pieces);
    PyMem_Free(persons.all);
    if (parts == NULL || parts == Py_None)
        return parts;
    PyObject *id = PyUnicode_DecodeUTF8(last.at, last.size, NULL);
    PyObject *found = id == NULL ? NULL : PyTuple_Pack(2, parts, id);
    Py_DECREF(parts);
    Py_XDECREF(id);
    if (found != NULL || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
        return found;
    PyErr_Clear(); /* the decoder will say what is wrong with the line */
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"instants", instants, METH_VARARGS, instants_doc},
    {"reader", reader, METH_VARARGS, reader_doc},
    {"shares", shares, METH_VARARGS, shares_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "dutyrules.compiler._lines", .m_size = 0, .m_methods = functions};

PyMODINIT_FUNC PyInit__lines(void)
{
    fill_crc_table();
    return PyModuleDef_Init(&definition);
}
