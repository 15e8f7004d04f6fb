package gen

import "strings"

// eraseBindings turns the head of a rule into what stands in the RFC: the text after its "=" without bindings, labels, guards and
// comments, its lines kept.
func eraseBindings(head string) string {
	lex, err := headLexer.LexString("", head)
	if err != nil {
		return ""
	}
	names := headLexer.Symbols()
	var lines []string
	line := ""
	blank := false
	write := func(s string) {
		if blank && line != "" {
			line += " "
		}
		line, blank = line+s, false
	}
	flush := func() {
		if line != "" {
			lines = append(lines, line)
		}
		line, blank = "", false
	}
	body := false
	held := "" // a name that is a binding if ":" follows
	for {
		t, err := lex.Next()
		if err != nil || t.EOF() {
			break
		}
		if !body {
			body = t.Type == names["Op"]
			continue
		}
		if held != "" {
			if t.Value != ":" {
				write(held)
			}
			name := held
			held = ""
			if t.Value == ":" && name != "" {
				continue
			}
		}
		switch t.Type {
		case names["Comment"], names["Label"]:
		case names["Guard"]:
			blank = blank && !strings.HasSuffix(line, "[") && !strings.HasSuffix(line, "(")
		case names["Blank"]:
			if strings.Contains(t.Value, "\n") {
				flush()
			} else if !strings.HasSuffix(line, "[") && !strings.HasSuffix(line, "(") {
				blank = true
			}
		case names["Ident"]:
			held = t.Value
		default:
			if t.Value == ")" || t.Value == "]" {
				blank = false
			}
			write(t.Value)
		}
	}
	if held != "" {
		write(held)
	}
	flush()
	return strings.Join(lines, "\n")
}

// sourceOf puts the bodies of a rule under its name, further lines below the first.
func sourceOf(name, op, body string) string {
	lead := name + " " + op + " "
	return lead + strings.ReplaceAll(body, "\n", "\n"+strings.Repeat(" ", len(lead)))
}
