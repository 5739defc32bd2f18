import io
import unittest

from report import report
from report.__main__ import app


class Report(unittest.TestCase):
    def test_frequent_words_come_first(self):
        self.assertEqual(report("b a B c"), [("b", 2), ("a", 1), ("c", 1)])

    def test_an_empty_text_has_no_words(self):
        self.assertEqual(report(""), [])

    def test_a_posted_text_is_answered(self):
        body = b"to be or not to be"
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        answer = b"".join(app(environ, lambda status, headers, error=None: None))
        self.assertEqual(answer, b"2 be\n2 to\n1 not\n1 or\n")


if __name__ == "__main__":
    unittest.main()
