/* What programs spend most of their time with: lines of a log as events, objects with slots, lines of outcomes.
 *
 * A line has the plain form if it is one event without escapes, fractions or parts within parts, which says no key twice
 * and whose fields are those of its type; a space may follow a colon or a comma. Nothing is refused here: a block that
 * holds any other line gives None, and whoever asked reads it in the general way, which does without this module too.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MOST_MEMBERS 64 /* of an event's data */
#define MOST_FIGURES 15 /* of a number */
#define AT_ONCE 16      /* letters looked at, where the machine can */
#define NONE INT64_MIN  /* no instant */
#define MOST_WHOLE 1000000000
#define SMALLEST_OUTPUT 65536
#define KEPT_NAMES 4096 /* texts of people at hand, a power of two */

typedef struct {
    const char *at; /* NULL if there is none */
    Py_ssize_t size;
} Text;

typedef struct {
    char sort; /* the first letter of what it is: ", t, f; or else a number */
    Text text; /* of a string what stands between the quotation marks */
} Value;

typedef struct {
    Text id, type, time, subject, version;
    Text keys[MOST_MEMBERS]; /* of the data */
    Value values[MOST_MEMBERS];
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

/* Return where a text ends that ends within the block, or where it cannot go on. */
static const char *next_stop(const char *at, const char *end)
{
    (void)end; /* looked at only where letters are looked at sixteen at a time */
#ifdef __SSE2__
    const __m128i quotation = _mm_set1_epi8('"'), escape = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
    for (; end - at >= AT_ONCE; at += AT_ONCE) {
        __m128i letters = _mm_loadu_si128((const __m128i *)at);
        __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(letters, quotation), _mm_cmpeq_epi8(letters, escape));
        __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(letters, control), letters);
        int found = _mm_movemask_epi8(_mm_or_si128(marks, below));
        if (found)
            return at + __builtin_ctz(found);
    }
#endif
    while (!stops[(unsigned char)*at])
        at++;
    return at;
}

static const char *read_string(const char *at, const char *end, Text *text)
{
    if (*at++ != '"')
        return NULL;
    text->at = at;
    at = next_stop(at, end);
    text->size = at - text->at;
    return *at == '"' ? at + 1 : NULL;
}

static const char *read_word(const char *at, const char *word)
{
    size_t size = strlen(word);
    return strncmp(at, word, size) == 0 ? at + size : NULL;
}

/* Read one mark that stands between others, and the space that may follow it. */
static const char *read_mark(const char *at, char mark)
{
    return *at != mark ? NULL : at[1] == ' ' ? at + 2 : at + 1;
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

static const char *read_value(const char *at, const char *end, Value *value)
{
    value->sort = *at;
    if (*at == '"')
        return read_string(at, end, &value->text);
    value->text.at = at;
    at = *at == 't' ? read_word(at, "true") : *at == 'f' ? read_word(at, "false") : read_number(at);
    value->text.size = at == NULL ? 0 : at - value->text.at;
    return at;
}

static const char *read_data(const char *at, const char *end, Line *line)
{
    if (*at++ != '{')
        return NULL;
    if (*at == '}')
        return at + 1;
    while (line->members < MOST_MEMBERS) {
        int number = line->members++;
        Text *key = &line->keys[number];
        if ((at = read_string(at, end, key)) == NULL || (at = read_mark(at, ':')) == NULL)
            return NULL;
        for (int other = 0; other < number; other++)
            if (is(line->keys[other], *key))
                return NULL;
        if ((at = read_value(at, end, &line->values[number])) == NULL)
            return NULL;
        if (*at == '}')
            return at + 1;
        if ((at = read_mark(at, ',')) == NULL)
            return NULL;
    }
    return NULL;
}

static Text *member_of(Line *line, Text key)
{
    return SAYS(key, "id")            ? &line->id
           : SAYS(key, "type")        ? &line->type
           : SAYS(key, "time")        ? &line->time
           : SAYS(key, "subject")     ? &line->subject
           : SAYS(key, "specversion") ? &line->version
                                      : NULL;
}

static const char *read_line(const char *at, const char *end, Line *line)
{
    int has_data = line->members = 0;
    line->id.at = line->type.at = line->time.at = line->subject.at = line->version.at = NULL;
    if (*at++ != '{')
        return NULL;
    for (;;) {
        Text key, *text;
        if ((at = read_string(at, end, &key)) == NULL || (at = read_mark(at, ':')) == NULL)
            return NULL;
        if (SAYS(key, "data"))
            at = has_data++ ? NULL : read_data(at, end, line);
        else if ((text = member_of(line, key)) != NULL && text->at == NULL)
            at = read_string(at, end, text);
        else
            return NULL;
        if (at == NULL)
            return NULL;
        if (*at == '}')
            break;
        if ((at = read_mark(at, ',')) == NULL)
            return NULL;
    }
    if (at[1] != '\n' || line->id.at == NULL || line->type.at == NULL || line->time.at == NULL ||
        (line->version.at != NULL && !SAYS(line->version, "1.0")))
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

static int text_of(PyObject *string, Text *text)
{
    return (text->at = PyUnicode_AsUTF8AndSize(string, &text->size)) == NULL ? -1 : 0;
}

/* Take a zone from what a `Clock` says is usual; its text stays in the tuple. */
static int read_zone(PyObject *usual, Zone *zone)
{
    *zone = (Zone){.midnight = NONE};
    return PyArg_ParseTuple(usual, "LLLs#:zone", &zone->first, &zone->last, &zone->offset, &zone->written.at,
                            &zone->written.size)
               ? 0
               : -1;
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
    Zone zone;
    PyObject *usual;
    if (!PyArg_ParseTuple(args, "O!:reader", &PyTuple_Type, &usual) || read_zone(usual, &zone) < 0)
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

/* --- objects with slots ------------------------------------------------------------------------------------------- */

/* Objects that hang on others are freed one within the other down to this depth; those below wait until that is done,
 * so that a long chain of records does not use up the stack. */
#define DEEPEST 200

static PyObject **waiting;
static Py_ssize_t waiting_count, waiting_room;
static int depth;

/* Let an object wait; 0 if there is no memory for that. */
static int put_aside(PyObject *object)
{
    if (waiting_count == waiting_room) {
        Py_ssize_t room = waiting_room * 2 + DEEPEST;
        PyObject **more = PyMem_Realloc(waiting, room * sizeof *more);
        if (more == NULL)
            return 0;
        waiting = more;
        waiting_room = room;
    }
    waiting[waiting_count++] = object;
    return 1;
}

static void take_apart(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject **slot = (PyObject **)(object + 1), **end = (PyObject **)((char *)object + type->tp_basicsize);
    for (; slot < end; slot++)
        Py_XDECREF(*slot);
    type->tp_free(object);
    Py_DECREF(type);
}

static void free_slotted(PyObject *object)
{
    if (depth == DEEPEST && put_aside(object))
        return;
    depth++;
    take_apart(object);
    while (depth == 1 && waiting_count)
        take_apart(waiting[--waiting_count]);
    depth--;
}

static PyObject *make_slotted(PyObject *type, PyObject *const *Py_UNUSED(args), size_t count, PyObject *names)
{
    if (PyVectorcall_NARGS(count) || (names != NULL && PyTuple_GET_SIZE(names)))
        return PyErr_Format(PyExc_TypeError, "`%s` takes no arguments", ((PyTypeObject *)type)->tp_name);
    return ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
}

PyDoc_STRVAR(slotted_doc, "slotted(name, slots)\n--\n\n"
                          "Return a class whose objects hold these slots and nothing else.\n\n"
                          "Nobody looks for circles among them: whoever makes one takes it apart.");

static PyObject *slotted(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *name, *slots, *whole, *made = NULL;
    if (!PyArg_ParseTuple(args, "UO!:slotted", &name, &PyTuple_Type, &slots) ||
        (whole = PyUnicode_FromFormat("dutyrules.compiler.%U", name)) == NULL)
        return NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(slots);
    PyMemberDef *members = PyMem_Calloc(count + 1, sizeof *members);
    if (members == NULL)
        PyErr_NoMemory();
    for (Py_ssize_t number = 0; members != NULL && number < count; number++) {
        members[number].name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(slots, number));
        members[number].type = T_OBJECT_EX;
        members[number].offset = sizeof(PyObject) + number * sizeof(PyObject *);
    }
    if (!PyErr_Occurred()) {
        PyType_Slot parts[] = {{Py_tp_members, members}, {Py_tp_dealloc, free_slotted}, {0, NULL}};
        PyType_Spec spec = {PyUnicode_AsUTF8(whole), sizeof(PyObject) + count * sizeof(PyObject *), 0,
                            Py_TPFLAGS_DEFAULT, parts};
        made = spec.name == NULL ? NULL : PyType_FromSpec(&spec); /* which copies names and members */
    }
    PyMem_Free(members);
    Py_DECREF(whole);
    if (made == NULL)
        return NULL;
    if (PyObject_SetAttrString(made, "__slots__", slots) < 0) { /* which holds the names of the members */
        Py_DECREF(made);
        return NULL;
    }
    ((PyTypeObject *)made)->tp_vectorcall = make_slotted;
    return made;
}

/* --- events ------------------------------------------------------------------------------------------------------- */

typedef enum { TEXT, PERSON, BOOL, WHOLE, FIGURE, TIME, UNREAD } Sort;

/* What is read of a field, and the slot of the event that holds it. */
typedef struct {
    Text name; /* in the event's data */
    Py_ssize_t slot;
    Sort sort;
    PyObject *usual;  /* what it is where it is not said */
    PyObject *values; /* a tuple of the texts that it may be, or None */
} Field;

typedef struct {
    Text type;
    PyTypeObject *made; /* a class with slots alone */
    Py_ssize_t id, time, whose;
    Field *fields;
    Py_ssize_t count;
} Kind;

/* What a reader of events keeps: `kinds_said` holds all texts and classes that stand in `kinds`. */
typedef struct {
    PyObject *usual, *kinds_said;
    Kind *kinds;
    Py_ssize_t count;
    unsigned int share, shares; /* whose events are given: those of people whose sum modulo `shares` is `share` */
    Zone zone, zone_of_fields;
    PyObject *names[KEPT_NAMES];
} Events;

#define EVENTS "dutyrules.compiler._lines.events"
#define SLOT(event, offset) (*(PyObject **)((char *)(event) + (offset)))

static int is_ascii(Text text)
{
    const char *at = text.at, *end = at + text.size;
    uint64_t seen = 0, eight;
    for (; end - at >= 8; at += 8) {
        memcpy(&eight, at, 8);
        seen |= eight;
    }
    for (; at < end; at++)
        seen |= (unsigned char)*at;
    return (seen & 0x8080808080808080) == 0;
}

static PyObject *string_of(Text text)
{
    if (!is_ascii(text))
        return PyUnicode_DecodeUTF8(text.at, text.size, NULL);
    PyObject *made = PyUnicode_New(text.size, 127);
    if (made != NULL && text.size)
        memcpy(PyUnicode_1BYTE_DATA(made), text.at, text.size);
    return made;
}

/* Return the text of a person; of those at hand the same as before, whose hash is known. `sum`: see `crc_of`. */
static PyObject *name_of(Events *reader, Text text, uint32_t sum)
{
    PyObject **place = &reader->names[sum % KEPT_NAMES];
    if (*place != NULL && PyUnicode_IS_ASCII(*place) && PyUnicode_GET_LENGTH(*place) == text.size &&
        memcmp(PyUnicode_1BYTE_DATA(*place), text.at, text.size) == 0)
        return Py_NewRef(*place);
    PyObject *made = string_of(text);
    if (made != NULL)
        Py_XSETREF(*place, Py_NewRef(made));
    return made;
}

static PyObject *one_of(PyObject *values, Text text)
{
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(values); number++) {
        Text value;
        if (text_of(PyTuple_GET_ITEM(values, number), &value) < 0)
            return NULL;
        if (is(value, text))
            return Py_NewRef(PyTuple_GET_ITEM(values, number));
    }
    return NULL;
}

static long long number_of(Text text)
{
    int below = *text.at == '-';
    long long found = 0;
    for (Py_ssize_t at = below; at < text.size; at++)
        found = found * 10 + (text.at[at] - '0');
    return below ? -found : found;
}

/* Return what a field says, NULL without an exception if it is not what the field holds. */
static PyObject *value_of(Events *reader, const Field *field, const Value *value)
{
    if (field->sort == BOOL)
        return value->sort == 't' ? Py_NewRef(Py_True) : value->sort == 'f' ? Py_NewRef(Py_False) : NULL;
    if (field->sort == WHOLE || field->sort == FIGURE) {
        if (value->sort == '"' || value->sort == 't' || value->sort == 'f')
            return NULL;
        long long number = number_of(value->text);
        return -MOST_WHOLE <= number && number <= MOST_WHOLE ? PyLong_FromLongLong(number) : NULL;
    }
    if (value->sort != '"' || field->sort == UNREAD)
        return NULL;
    if (field->sort == TIME) {
        int64_t instant = instant_of(value->text, &reader->zone_of_fields);
        return instant == NONE ? NULL : PyLong_FromLongLong(instant);
    }
    if (field->values != Py_None)
        return one_of(field->values, value->text);
    return field->sort == PERSON && is_blank(value->text) ? NULL : string_of(value->text);
}

static const Kind *kind_of(const Events *reader, Text type)
{
    for (const Kind *kind = reader->kinds, *end = kind + reader->count; kind < end; kind++)
        if (is(kind->type, type))
            return kind;
    return NULL;
}

/* Find what says whose an event is; -1 if it is no text that surely says something. */
static int person_of(const Line *line, const Kind *kind, Text *person)
{
    if (line->subject.at != NULL && is_blank(line->subject))
        return -1;
    *person = line->subject;
    const Field *first = kind->fields; /* the one that says whose it is, if there is such a field */
    for (int number = 0; kind->count && first->slot == kind->whose && number < line->members; number++)
        if (is(line->keys[number], first->name)) {
            *person = line->values[number].text;
            return line->values[number].sort == '"' && !is_blank(*person) ? 0 : -1;
        }
    return 0;
}

/* Fill the slots of fields; -1 if one is not known or does not hold what it should. */
static int fill(PyObject *event, Events *reader, const Kind *kind, const Line *line)
{
    const Field *end = kind->fields + kind->count;
    for (int number = 0; number < line->members; number++) {
        const Field *field = kind->fields;
        while (field < end && !is(field->name, line->keys[number]))
            field++;
        if (field == end)
            return -1;
        if (field->slot != kind->whose &&
            (SLOT(event, field->slot) = value_of(reader, field, &line->values[number])) == NULL)
            return -1;
    }
    for (const Field *field = kind->fields; field < end; field++)
        if (SLOT(event, field->slot) == NULL)
            SLOT(event, field->slot) = Py_NewRef(field->usual);
    return 0;
}

/* Tell whether bytes that no slot will hold are a text; with an exception if not. */
static int is_text(Text text)
{
    if (text.at == NULL || is_ascii(text))
        return 1;
    PyObject *made = string_of(text);
    Py_XDECREF(made);
    return made != NULL;
}

/* Return the event of a line; NULL, with or without an exception, if it is left to the general way. */
static PyObject *event_of(Events *reader, const Kind *kind, const Line *line, Text person, uint32_t sum)
{
    PyObject *event = kind->made->tp_alloc(kind->made, 0);
    if (event == NULL)
        return NULL;
    if ((SLOT(event, kind->id) = string_of(line->id)) != NULL &&
        (SLOT(event, kind->time) = string_of(line->time)) != NULL &&
        (SLOT(event, kind->whose) = person.at == NULL ? Py_NewRef(Py_None) : name_of(reader, person, sum)) != NULL &&
        fill(event, reader, kind, line) == 0 && (person.at == line->subject.at || is_text(line->subject)))
        return event;
    Py_DECREF(event);
    return NULL;
}

/* Put an object on a list, if there is one; -1 if not. */
static int put(PyObject *list, PyObject *object)
{
    int failed = object == NULL ? -1 : PyList_Append(list, object);
    Py_XDECREF(object);
    return failed;
}

/* Put the events of a block and their instants on lists, and all ids if they need not rise. Return how many lines there
 * are; -1, with or without an exception, if the block is left to the general way. */
static Py_ssize_t read_block(Events *reader, Text block, Text *last, PyObject *events, PyObject *instants, PyObject *ids)
{
    Line line;
    Text person;
    Py_ssize_t count = 0;
    for (const char *at = block.at, *end = at + block.size; at < end; count++) {
        if ((at = read_line(at, end, &line)) == NULL)
            return -1;
        if (ids == NULL ? !rises(line.id, last) : put(ids, string_of(line.id)) < 0)
            return -1;
        const Kind *kind = kind_of(reader, line.type);
        if (kind == NULL || person_of(&line, kind, &person) < 0)
            return -1;
        uint32_t sum = crc_of(person);
        if (sum % reader->shares != reader->share)
            continue;
        int64_t instant = instant_of(line.time, &reader->zone);
        if (instant == NONE || put(events, event_of(reader, kind, &line, person, sum)) < 0 ||
            put(instants, PyLong_FromLongLong(instant)) < 0)
            return -1;
    }
    return count;
}

/* Return the events of a block, their instants, its last id or, if they need not rise, all its ids, and how many lines
 * it has; None if the block is left to the general way. */
static PyObject *read_events(PyObject *capsule, PyObject *args)
{
    Events *reader = PyCapsule_GetPointer(capsule, EVENTS);
    Text block, last;
    if (reader == NULL || !PyArg_ParseTuple(args, "y#z#:events", &block.at, &block.size, &last.at, &last.size))
        return NULL;
    if (!ends_a_line(block))
        Py_RETURN_NONE;
    int in_order = last.at != NULL;
    PyObject *events = PyList_New(0), *instants = PyList_New(0), *ids = in_order ? NULL : PyList_New(0), *found = NULL;
    Py_ssize_t count = -1;
    if (events != NULL && instants != NULL && (in_order || ids != NULL))
        count = read_block(reader, block, &last, events, instants, ids);
    if (count >= 0 && (!in_order || (ids = string_of(last)) != NULL))
        found = Py_BuildValue("OOOn", events, instants, ids, count);
    Py_XDECREF(events);
    Py_XDECREF(instants);
    Py_XDECREF(ids);
    if (found == NULL && (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))) {
        PyErr_Clear(); /* the decoder will say what is wrong with the line */
        Py_RETURN_NONE;
    }
    return found;
}

static PyMethodDef read_events_definition = {"events", read_events, METH_VARARGS, NULL};

static void free_events(Events *reader)
{
    for (Py_ssize_t number = 0; reader->kinds != NULL && number < reader->count; number++)
        PyMem_Free(reader->kinds[number].fields);
    for (int number = 0; number < KEPT_NAMES; number++)
        Py_XDECREF(reader->names[number]);
    PyMem_Free(reader->kinds);
    Py_XDECREF(reader->usual);
    Py_XDECREF(reader->kinds_said);
    PyMem_Free(reader);
}

static void free_events_of(PyObject *capsule)
{
    free_events(PyCapsule_GetPointer(capsule, EVENTS));
}

/* Find where the objects of a class hold a slot; -1 with an exception if it has none of this name. */
static int find_slot(PyTypeObject *made, PyObject *name, Py_ssize_t *offset)
{
    PyObject *found = PyObject_GetAttr((PyObject *)made, name);
    if (found == NULL)
        return -1;
    if (Py_TYPE(found) == &PyMemberDescr_Type && PyDescr_TYPE(found) == made &&
        ((PyMemberDescrObject *)found)->d_member->type == T_OBJECT_EX)
        *offset = ((PyMemberDescrObject *)found)->d_member->offset;
    else
        PyErr_Format(PyExc_TypeError, "`%U` is no slot of `%s`", name, made->tp_name);
    Py_DECREF(found);
    return PyErr_Occurred() ? -1 : 0;
}

static int find_own_slot(PyTypeObject *made, const char *name, Py_ssize_t *offset)
{
    PyObject *text = PyUnicode_InternFromString(name); /* which the cache of attributes keeps */
    int failed = text == NULL ? -1 : find_slot(made, text, offset);
    Py_XDECREF(text);
    return failed;
}

static int take_field(PyTypeObject *made, PyObject *said, Field *field)
{
    static const char *const sorts[] = {"text", "person", "bool", "int", "figure", "time", "unread"};
    PyObject *slot, *name;
    const char *sort;
    if (!PyTuple_Check(said)) {
        PyErr_SetString(PyExc_TypeError, "a field is no tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(said, "UUsOO:field", &name, &slot, &sort, &field->usual, &field->values) ||
        text_of(name, &field->name) < 0 || find_slot(made, slot, &field->slot) < 0)
        return -1;
    for (field->sort = TEXT; field->sort <= UNREAD; field->sort++)
        if (strcmp(sort, sorts[field->sort]) == 0)
            break;
    if (field->sort > UNREAD || (field->values != Py_None && !PyTuple_Check(field->values))) {
        PyErr_Format(PyExc_ValueError, "a field is no `%s`", sort);
        return -1;
    }
    return 0;
}

static int take_kind(PyObject *said, Kind *kind)
{
    PyObject *type, *fields;
    if (!PyTuple_Check(said)) {
        PyErr_SetString(PyExc_TypeError, "a kind of event is no tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(said, "UO!O!:kind", &type, &PyType_Type, &kind->made, &PyTuple_Type, &fields) ||
        text_of(type, &kind->type) < 0 || find_own_slot(kind->made, "id", &kind->id) < 0 ||
        find_own_slot(kind->made, "time", &kind->time) < 0 || find_own_slot(kind->made, "whose", &kind->whose) < 0)
        return -1;
    if ((kind->fields = PyMem_Calloc(PyTuple_GET_SIZE(fields) + 1, sizeof *kind->fields)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (; kind->count < PyTuple_GET_SIZE(fields); kind->count++)
        if (take_field(kind->made, PyTuple_GET_ITEM(fields, kind->count), &kind->fields[kind->count]) < 0)
            return -1;
    return 0;
}

static int take_kinds(Events *reader)
{
    if ((reader->kinds = PyMem_Calloc(PyTuple_GET_SIZE(reader->kinds_said) + 1, sizeof *reader->kinds)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (; reader->count < PyTuple_GET_SIZE(reader->kinds_said); reader->count++)
        if (take_kind(PyTuple_GET_ITEM(reader->kinds_said, reader->count), &reader->kinds[reader->count]) < 0) {
            reader->count++; /* its fields are to be freed too */
            return -1;
        }
    return 0;
}

PyDoc_STRVAR(events_doc, "events(usual, kinds, share, shares)\n--\n\n"
                         "Return what reads a block of lines, given the id above which ids rise (None if they need not).\n\n"
                         "It gives the events of those people whose sum (CRC-32) modulo `shares` is `share`, their\n"
                         "instants, the last id of the block or all ids if they need not rise, and how many lines it\n"
                         "has; None if the block does not have the plain form. `usual`: see `Clock`. `kinds`: of each\n"
                         "type its name, the class of its events, and its fields; of a field its name, slot and sort,\n"
                         "what it usually is, and which texts it may be, or None. The field in the slot `whose`, if there\n"
                         "is one, comes first.");

static PyObject *events(PyObject *Py_UNUSED(module), PyObject *args)
{
    Events *reader = PyMem_Calloc(1, sizeof *reader);
    if (reader == NULL)
        return PyErr_NoMemory();
    PyObject *usual, *kinds, *capsule = NULL;
    if (PyArg_ParseTuple(args, "O!O!II:events", &PyTuple_Type, &usual, &PyTuple_Type, &kinds, &reader->share,
                         &reader->shares)) {
        reader->usual = Py_NewRef(usual);
        reader->kinds_said = Py_NewRef(kinds);
        if (reader->share >= reader->shares)
            PyErr_SetString(PyExc_ValueError, "there is no such share");
        else if (read_zone(usual, &reader->zone) == 0 && take_kinds(reader) == 0) {
            reader->zone_of_fields = reader->zone;
            capsule = PyCapsule_New(reader, EVENTS, free_events_of);
        }
    }
    if (capsule == NULL) {
        free_events(reader);
        return NULL;
    }
    PyObject *found = PyCFunction_New(&read_events_definition, capsule);
    Py_DECREF(capsule);
    return found;
}

/* --- outcomes ----------------------------------------------------------------------------------------------------- */

/* Lines that have been written and not been taken yet. */
typedef struct {
    PyObject_HEAD
    char *at;
    Py_ssize_t size, room;
} Output;

/* A part of a form: a text as it is, and then the value with this number, if it is not NO_VALUE. */
typedef struct {
    Text text;
    Py_ssize_t number;
} Part;

#define NO_VALUE (-1)

/* Lines that are alike but for some values. */
typedef struct {
    PyObject_HEAD
    Output *output;
    PyObject *said; /* a tuple that holds the texts */
    Py_ssize_t values, count;
    Part *parts;
} Form;

static PyTypeObject *output_type, *form_type;

static int make_room(Output *output, Py_ssize_t more)
{
    if (output->room - output->size >= more)
        return 0;
    Py_ssize_t room = output->room + output->room / 2;
    room = room - output->size >= more ? room : output->size + more + SMALLEST_OUTPUT;
    char *at = PyMem_Realloc(output->at, room);
    if (at == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    output->at = at;
    output->room = room;
    return 0;
}

static int write_text(Output *output, Text text)
{
    if (text.size == 0) /* where there may be nothing to write to */
        return 0;
    if (make_room(output, text.size) < 0)
        return -1;
    memcpy(output->at + output->size, text.at, text.size);
    output->size += text.size;
    return 0;
}

static int write_value(Output *output, PyObject *value)
{
    Text text;
    if (PyUnicode_CheckExact(value) && PyUnicode_IS_COMPACT_ASCII(value))
        return write_text(output, (Text){(const char *)PyUnicode_1BYTE_DATA(value), PyUnicode_GET_LENGTH(value)});
    PyObject *written = PyObject_Str(value);
    int failed = written == NULL || text_of(written, &text) < 0 || write_text(output, text) < 0;
    Py_XDECREF(written);
    return failed ? -1 : 0;
}

static PyObject *end_line(Output *output, Py_ssize_t begun, int failed)
{
    if (failed || write_text(output, (Text){"\n", 1}) < 0) {
        output->size = begun;
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *write_form(PyObject *self, PyObject *const *values, Py_ssize_t count)
{
    Form *form = (Form *)self;
    Output *output = form->output;
    Py_ssize_t begun = output->size;
    if (count != form->values)
        return PyErr_Format(PyExc_TypeError, "a line takes %zd values, not %zd", form->values, count);
    for (const Part *part = form->parts, *end = part + form->count; part < end; part++)
        if (write_text(output, part->text) < 0 ||
            (part->number != NO_VALUE && write_value(output, values[part->number]) < 0))
            return end_line(output, begun, 1);
    return end_line(output, begun, 0);
}

static PyObject *append(PyObject *self, PyObject *line)
{
    Output *output = (Output *)self;
    if (!PyUnicode_Check(line))
        return PyErr_Format(PyExc_TypeError, "a line is a text");
    Py_ssize_t begun = output->size;
    return end_line(output, begun, write_value(output, line) < 0);
}

static PyObject *take(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    Output *output = (Output *)self;
    PyObject *taken = PyBytes_FromStringAndSize(output->at, output->size);
    if (taken != NULL)
        output->size = 0;
    return taken;
}

static void free_output(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(((Output *)self)->at);
    type->tp_free(self);
    Py_DECREF(type);
}

static void free_form(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Form *form = (Form *)self;
    PyMem_Free(form->parts);
    Py_XDECREF(form->said);
    Py_XDECREF(form->output);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef write_form_definition = {"form", (PyCFunction)(void (*)(void))write_form, METH_FASTCALL, NULL};

/* Take what a form says: texts and numbers of values. */
static int take_parts(Form *form)
{
    Py_ssize_t said = PyTuple_GET_SIZE(form->said);
    if ((form->parts = PyMem_Calloc(said + 1, sizeof *form->parts)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < said; at++) {
        PyObject *one = PyTuple_GET_ITEM(form->said, at);
        Part *part = &form->parts[form->count];
        if (PyUnicode_Check(one)) {
            if (text_of(one, &part->text) < 0)
                return -1;
            if (at + 1 < said && PyLong_Check(PyTuple_GET_ITEM(form->said, at + 1)))
                one = PyTuple_GET_ITEM(form->said, ++at);
        }
        part->number = PyUnicode_Check(one) ? NO_VALUE : PyLong_AsSsize_t(one);
        if (PyErr_Occurred())
            return -1;
        if (part->number < NO_VALUE || (part->number == NO_VALUE && !PyUnicode_Check(one))) {
            PyErr_SetString(PyExc_ValueError, "values are numbered from 0");
            return -1;
        }
        if (part->number >= form->values)
            form->values = part->number + 1;
        form->count++;
    }
    return 0;
}

PyDoc_STRVAR(form_doc, "form($self, parts, /)\n--\n\n"
                       "Return what writes a line of these parts: texts, and numbers of the values that it is given.");

static PyObject *make_form(PyObject *self, PyObject *parts)
{
    if (!PyTuple_Check(parts))
        return PyErr_Format(PyExc_TypeError, "the parts of a line are no tuple");
    Form *form = (Form *)form_type->tp_alloc(form_type, 0);
    if (form == NULL)
        return NULL;
    form->output = (Output *)Py_NewRef(self);
    form->said = Py_NewRef(parts);
    PyObject *made = take_parts(form) < 0 ? NULL : PyCFunction_New(&write_form_definition, (PyObject *)form);
    Py_DECREF(form);
    return made;
}

PyDoc_STRVAR(append_doc, "append($self, line, /)\n--\n\nWrite a line.");
PyDoc_STRVAR(take_doc, "take($self, /)\n--\n\nReturn what has been written since the last time, each line with its end.");

static PyMethodDef output_methods[] = {
    {"append", append, METH_O, append_doc},
    {"form", make_form, METH_O, form_doc},
    {"take", take, METH_NOARGS, take_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(output_doc, "Output()\n--\n\nLines of outcomes, kept as bytes until they are taken.");

static PyType_Slot output_slots[] = {
    {Py_tp_doc, (void *)output_doc}, {Py_tp_dealloc, free_output}, {Py_tp_methods, output_methods}, {0, NULL}};
static PyType_Spec output_spec = {
    "dutyrules.compiler._lines.Output", sizeof(Output), 0, Py_TPFLAGS_DEFAULT, output_slots};
static PyType_Slot form_slots[] = {{Py_tp_dealloc, free_form}, {0, NULL}};
static PyType_Spec form_spec = {"dutyrules.compiler._lines.Form", sizeof(Form), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, form_slots};

static int add_output(PyObject *module)
{
    if (form_type == NULL && (form_type = (PyTypeObject *)PyType_FromSpec(&form_spec)) == NULL)
        return -1;
    if (output_type == NULL && (output_type = (PyTypeObject *)PyType_FromSpec(&output_spec)) == NULL)
        return -1;
    return PyModule_AddObjectRef(module, "Output", (PyObject *)output_type);
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, add_output}, {0, NULL}};

static PyMethodDef functions[] = {
    {"events", events, METH_VARARGS, events_doc},
    {"slotted", slotted, METH_VARARGS, slotted_doc},
    {"reader", reader, METH_VARARGS, reader_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "dutyrules.compiler._lines", .m_size = 0, .m_methods = functions,
    .m_slots = module_slots};

PyMODINIT_FUNC PyInit__lines(void)
{
    fill_crc_table();
    return PyModuleDef_Init(&definition);
}
