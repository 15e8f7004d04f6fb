package gen

import (
	"strings"

	"github.com/dave/jennifer/jen"
)

// stateNames are the states of a command's "in" clause, as runtime/conn names them.
var stateNames = map[string]string{"any": "StateAny", "nonauth": "StateNotAuthenticated", "auth": "StateAuthenticated",
	"selected": "StateSelected", "logout": "StateLogout"}

func (e *emitter) commands() {
	for _, c := range e.r.commands {
		if !e.own(c.cmd.Section) {
			continue
		}
		f := e.file(fileOf(c.cmd.Section, "commands"))
		e.commandType(f, c)
		e.commandSpec(f, c)
		e.commandFormat(f, c)
		e.commandScope(f, c)
		e.commandResult(f, c)
		e.commandEncode(c)
		e.commandDecode(c)
	}
	e.commandTable()
	e.touchFuncs()
}

// hasSet: one of the command's own fields is a set of messages, whose kind decides between the two forms.
func (c *commandInfo) setField() *Field {
	for _, f := range c.Struct.Fields {
		if f.Type != nil && f.Type.kind == termType && f.Type.term.Name == "sequence-set" {
			return f
		}
	}
	return nil
}

// byNumberField: both forms exist and no set tells which is meant.
func (c *commandInfo) byNumberField() bool { return c.cmd.UID == "also" && c.setField() == nil }

func (e *emitter) commandType(f *jen.File, c *commandInfo) {
	text := lead(c.Go, c.cmd.Doc, "is the command "+strings.ToUpper(c.cmd.Name)+".")
	var extra []jen.Code
	switch {
	case c.byNumberField():
		text += " It is sent as UID " + strings.ToUpper(c.cmd.Name) + " unless ByNumber is set."
		extra = append(extra, jen.Comment("// ByNumber asks for message sequence numbers in place of UIDs."), jen.Id("ByNumber").Bool())
	case c.cmd.UID == "also":
		text += " A set of UIDs is sent with UID " + strings.ToUpper(c.cmd.Name) + ", one of sequence numbers without."
	}
	s := *c.Struct
	s.Doc, s.secret = text, c.cmd.Secret
	e.structType(f, &s, extra)
}

func specVar(c *commandInfo) string { return unexported(c.Go) + "Spec" }

func (e *emitter) commandSpec(f *jen.File, c *commandInfo) {
	name := strings.ToUpper(keywordOf(c.cmd.Alts[0]))
	d := jen.Dict{jen.Id("Name"): jen.Lit(name)}
	var in *jen.Statement
	for _, s := range c.cmd.In {
		x := jen.Qual(connPath, stateNames[s])
		if in == nil {
			in = x
		} else {
			in = in.Op("|").Add(x)
		}
	}
	if in != nil {
		d[jen.Id("In")] = in
	}
	state := func(key, s string) {
		if s != "" {
			d[jen.Id(key)] = jen.Qual(connPath, stateNames[s])
		}
	}
	state("Next", c.cmd.Next)
	state("Else", c.cmd.Else)
	list := func(key string, l []string) {
		if len(l) > 0 {
			var v []jen.Code
			for _, x := range l {
				v = append(v, jen.Lit(x))
			}
			d[jen.Id(key)] = jen.Index().String().Values(v...)
		}
	}
	needs := c.cmd.Needs
	if !c.cmd.Section.Base && len(needs) == 0 {
		needs = []string{c.cmd.Section.Name}
	}
	list("Needs", needs)
	list("Unless", c.cmd.Unless)
	switch c.cmd.Dialog {
	case "idle":
		d[jen.Id("Dialog")] = jen.Qual(connPath, "DialogIdle")
	case "sasl":
		d[jen.Id("Dialog")] = jen.Qual(connPath, "DialogSASL")
	}
	switch c.cmd.Switch {
	case "tls":
		d[jen.Id("Switch")] = jen.Qual(connPath, "SwitchTLS")
	case "deflate":
		d[jen.Id("Switch")] = jen.Qual(connPath, "SwitchDeflate")
	}
	flag := func(key string, v bool) {
		if v {
			d[jen.Id(key)] = jen.True()
		}
	}
	flag("Charset", c.cmd.Charset != "")
	flag("KeepsNumbers", c.cmd.KeepsNumbers)
	flag("ReadsFlags", c.cmd.ReadsFlags.Always)
	flag("WritesFlags", c.cmd.WritesFlags.Always)
	var rets []jen.Code
	for _, x := range c.Results {
		rd := jen.Dict{}
		if x.Return.Code {
			rd[jen.Id("Code")] = jen.Lit(x.code)
			if x.Return.Untagged {
				rd[jen.Id("Untagged")] = jen.True()
			}
		} else {
			rd[jen.Id("Kind")] = e.kindOf(x.Resp)
		}
		if x.Return.Many {
			rd[jen.Id("Many")] = jen.True()
		}
		if x.row && x.Resp != c.Row {
			rd[jen.Id("InForce")] = jen.Lit(c.underGuard())
		}
		if x.Return.Many && !x.row {
			rd[jen.Id("Collect")] = jen.True()
		}
		if bit := c.withBit(x.Return.With); bit > 0 {
			rd[jen.Id("With")] = jen.Lit(bit)
		}
		if bit := c.withBit(x.Return.Without); bit > 0 {
			rd[jen.Id("Unless")] = jen.Lit(bit)
		}
		for _, wh := range x.Return.Where {
			switch wh {
			case "set":
				rd[jen.Id("Set")] = jen.True()
			case "tag":
				rd[jen.Id("Tag")] = jen.True()
			default:
				// A key in the data of another response cannot be known before: such rows are claimed by their kind.
				if x.Return.InReturn == "" {
					rd[jen.Id("Key")] = jen.True()
				}
			}
		}
		rets = append(rets, jen.Values(rd))
	}
	if len(rets) > 0 {
		d[jen.Id("Returns")] = jen.Index().Qual(connPath, "Return").Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, rets...)
	}
	f.Var().Id(specVar(c)).Op("=").Qual(connPath, "Spec").Values(d).Line()
	f.Comment("// Spec gives what the connection must know about " + name + ".")
	f.Func().Params(jen.Id(c.Go)).Id("Spec").Params().Op("*").Qual(connPath, "Spec").Block(jen.Return(jen.Op("&").Id(specVar(c)))).Line()
}

// underGuard is the capability under which the command takes another form; "" if none.
func (c *commandInfo) underGuard() string {
	for _, a := range c.cmd.Alts {
		if t := a.Terms[0]; t.Kind == Guard && !t.Guard.Not {
			return t.Guard.Cap
		}
	}
	return ""
}

// commandFormat emits what keeps the secrets of a command out of prints and logs.
func (e *emitter) commandFormat(f *jen.File, c *commandInfo) {
	var hide []jen.Code
	for _, name := range c.cmd.Secret {
		if fl := c.Struct.field(name); fl != nil {
			field := jen.Id("c").Dot(fl.Go)
			hide = append(hide, field.Clone().Op("=").Qual(wirePath, "Hide").Call(field))
		}
	}
	if hide == nil {
		return
	}
	body := append([]jen.Code{jen.Type().Id("plain").Id(c.Go)}, hide...)
	body = append(body, jen.Qual("fmt", "Fprintf").Call(jen.Id("f"), jen.Qual("fmt", "FormatString").Call(jen.Id("f"), jen.Id("verb")), jen.Id("plain").Call(jen.Id("c"))))
	f.Comment("// Format prints the command for package fmt, with its secrets left out.")
	f.Func().Params(jen.Id("c").Id(c.Go)).Id("Format").Params(jen.Id("f").Qual("fmt", "State"), jen.Id("verb").Rune()).Block(body...).Line()
	f.Comment("// LogValue does so for package log/slog.")
	f.Func().Params(jen.Id("c").Id(c.Go)).Id("LogValue").Params().Qual("log/slog", "Value").Block(
		jen.Return(jen.Qual("log/slog", "StringValue").Call(jen.Qual("fmt", "Sprintf").Call(jen.Lit("%+v"), jen.Id("c"))))).Line()
}
