package wire

import (
	"mime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTextString(t *testing.T) {
	for in, want := range map[string]string{
		"":            "",
		"plain":       "plain",
		"Grüße":       "Grüße",
		"Gr\xfc\xdfe": "Grüße",
		// RFC 2047 section 8.
		"=?ISO-8859-1?Q?a?=":                                "a",
		"=?ISO-8859-1?Q?a?= b":                              "a b",
		"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=":             "ab",
		"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=":            "ab",
		"=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=":      "ab",
		"=?ISO-8859-1?Q?a_b?=":                              "a b",
		"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=":            "a b",
		"=?US-ASCII?Q?Keith_Moore?=":                        "Keith Moore",
		"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=":             "Keld Jørn Simonsen",
		"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=": "If you can read this yo",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=":                "日本",
		"=?gb2312?b?1tDOxA==?=":                             "中文",
		"=?koi8-r?Q?=F0=D2=C9=D7=C5=D4?=":                   "Привет",
		"=?windows-1252?q?=80?=":                            "€",
		"=?utf-8*en?q?caf=c3=a9?=":                          "café",
		"=?ibm850?q?=81?=":                                  "ü",
		// Programs cut characters in two, leave padding out, and put anything between the marks.
		"=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=": "café",
		"=?utf-8?b?Y2Fmw?= =?UTF-8?q?x?=":    "=?utf-8?b?Y2Fmw?= x",
		"=?utf-8?b?Y2Fmw6k?=":                "café",
		"=?utf-8?q?a b?=":                    "a b",
		"=?utf-8?q?=FF?=":                    "\ufffd",
		"x=?utf-8?q?y?=z":                    "xyz",
		"=?utf-8?q??=":                       "",
		"a =?utf-8?q?b?= c =?utf-8?q?d?=":    "a b c d",
		"=?no-such-charset?q?x?=":            "=?no-such-charset?q?x?=",
		"=?utf-8?x?y?=":                      "=?utf-8?x?y?=",
		"=?utf-8?q?=4?=":                     "=?utf-8?q?=4?=",
		"=?utf-8?q?=zz?=":                    "=?utf-8?q?=zz?=",
		"=?":                                 "=?",
		"=?utf-8":                            "=?utf-8",
		"=?utf-8?":                           "=?utf-8?",
		"=?utf-8?q":                          "=?utf-8?q",
		"=?utf-8?q?never ends":               "=?utf-8?q?never ends",
		"??=?=?utf-8?q?x?=":                  "??=?x",
		"=? =?utf-8?q?x?=":                   "=? x",
		strings.Repeat("=?utf-8?q?", 100000): strings.Repeat("=?utf-8?q?", 100000),
	} {
		assert.Equal(t, want, Text{Raw: in, Valid: true}.String(), "%.100q", in)
	}
	assert.Empty(t, Text{}.String())
}

func TestNewText(t *testing.T) {
	for _, s := range []string{"", "plain", "Grüße aus Köln", "=?utf-8?q?x?=", "a =? b", "line\r\nend", strings.Repeat("ß日本 ", 100), "_?=", "tab\t"} {
		text := NewText(s)
		assert.True(t, text.Valid)
		assert.Equal(t, s, text.String())
		assert.True(t, plainASCII(text.Raw), "%q", text.Raw)
		for word := range strings.FieldsSeq(text.Raw) {
			if strings.HasPrefix(word, "=?") && strings.HasSuffix(word, "?=") {
				assert.LessOrEqual(t, len(word), 75)
			}
		}
		decoded, err := new(mime.WordDecoder).DecodeHeader(text.Raw)
		require.NoError(t, err)
		assert.Equal(t, s, decoded, "as others read it")
	}
	assert.Equal(t, "plain", NewText("plain").Raw)
	assert.Equal(t, "a\ufffdb", NewText("a\xffb").String())
}

func TestUTF7(t *testing.T) {
	for text, wire := range map[string]string{
		"":                   "",
		"INBOX":              "INBOX",
		"a&b":                "a&-b",
		"&":                  "&-",
		"~peter/mail/台北/日本語": "~peter/mail/&U,BTFw-/&ZeVnLIqe-", // RFC 3501 section 5.1.3
		"Entwürfe":           "Entw&APw-rfe",
		"😀":                  "&2D3eAA-",
		"a\tb":               "a&AAk-b",
		"\x7f":               "&AH8-",
		"/日/本/":              "/&ZeU-/&Zyw-/",
		"ü&ü":                "&APw-&-&APw-",
	} {
		assert.Equal(t, wire, EncodeUTF7(text))
		got, err := DecodeUTF7(wire)
		assert.NoError(t, err)
		assert.Equal(t, text, got)
	}
	for name, bad := range map[string]string{
		"bare &":              "A&B",
		"ASCII in base64":     "&AC4ALg-",
		"& in base64":         "&BBAEMQQyACYEMwQ0BDU-",
		"entity":              "&#124;",
		"NUL":                 "&AAA-x&AA-",
		"lone high surrogate": "&2D0-",
		"lone low surrogate":  "&3gA-",
		"high, then no low":   "&2D0AYQ-",
		"adjacent runs":       "&APw-&APw-",
		"padding":             "&APw=-",
		"odd octets":          "&APwA-",
		"loose bits":          "&APx-",
		"slash":               "&U/BTFw-",
		"8-bit":               "\xc3\xbc",
		"control":             "a\tb",
		"end":                 "a&",
	} {
		_, err := DecodeUTF7(bad)
		assert.Error(t, err, name)
	}
	assert.Equal(t, "&,,0-", EncodeUTF7("\xff"))
}

func TestRawMailbox(t *testing.T) {
	raw := RawMailbox("A&B")
	assert.True(t, IsRawMailbox(raw))
	assert.False(t, IsRawMailbox("A&B"))
	assert.False(t, IsRawMailbox(""))
}
