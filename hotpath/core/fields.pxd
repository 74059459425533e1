# The fields of a message, read where they lie. A header alone: every user gets its own inlined copies.
#
# A msgspec Struct keeps each field in a slot of its own, and a slot has a fixed place in the object: the member
# descriptor of the class knows it. Compiled code asks for the place once and then reads a field in a nanosecond, where
# an attribute lookup takes fifteen. Whoever reads has checked that the message is of exactly the class it asked.

from cpython.long cimport PyLong_AsLongLong
from cpython.object cimport PyObject
from libc.limits cimport INT_MAX, INT_MIN
from libc.stdint cimport int64_t

cdef extern from *:
    """
    #include <structmember.h>
    static inline Py_ssize_t slot_place(PyObject *descriptor)
    {
        if (Py_TYPE(descriptor) != &PyMemberDescr_Type ||
            ((PyMemberDescrObject *)descriptor)->d_member->type != T_OBJECT_EX) {
            return -1;
        }
        return ((PyMemberDescrObject *)descriptor)->d_member->offset;
    }
    static inline PyObject *slot_content(PyObject *message, Py_ssize_t place)
    {
        return *(PyObject **)((char *)message + place);
    }
    """
    Py_ssize_t slot_place(object descriptor) noexcept
    PyObject* slot_content(object message, Py_ssize_t place) noexcept nogil


cdef inline Py_ssize_t place_of(object message_type, str field) except -1:
    """Return where a field of a message type lies. TypeError when it is no slot."""
    cdef Py_ssize_t place = slot_place(getattr(message_type, field))
    if place < 0:
        raise TypeError(f"{message_type.__name__}.{field} is no slot of the class; expected a field of a Struct")
    return place


cdef inline object object_at(object message, Py_ssize_t place):
    """Return a field."""
    return <object>slot_content(message, place)


cdef inline int64_t int_at(object message, Py_ssize_t place) except? -1:
    """Return a field that is an int, or a member of an IntEnum. OverflowError when it does not fit int64."""
    return PyLong_AsLongLong(<object>slot_content(message, place))


cdef inline int enum_at(object message, Py_ssize_t place) except? -1:
    """Return a field that is a member of an IntEnum. OverflowError when it does not fit an int."""
    cdef int64_t value = int_at(message, place)
    if not INT_MIN <= value <= INT_MAX:
        raise OverflowError(f"{value} is no member of an enumeration")
    return <int>value


cdef inline bint true_at(object message, Py_ssize_t place) except -1:
    """Return a field that is a bool."""
    return <object>slot_content(message, place)


cdef inline int expect(object message, object message_type) except -1:
    """Raise TypeError unless a message is of exactly the class whose places are known."""
    if type(message) is not message_type:
        raise TypeError(f"{type(message).__name__} was given where {message_type.__name__} is read")
    return 0
