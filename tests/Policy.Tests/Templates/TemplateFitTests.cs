using Actors.Policy.Templates;
using static Actors.Policy.Tests.Templates.FitSamples;

namespace Actors.Policy.Tests.Templates;

public sealed class TemplateFitTests
{
    [Fact]
    public void A_template_without_variables_needs_nothing()
    {
        Fits(Plain);
        Assert.Null(TemplateFit.Check(Plain, default));
        Fits(Plain, Body(), Header());
        Fits(Plain, new SentComponent("body", null, 0, default));
    }

    [Fact]
    public void The_body_takes_as_many_parameters_as_it_has_variables()
    {
        Fits(Two, Body(Text("Ann"), Text("4711")));
        Refuses(132000, "body: number of parameters (1) does not match the expected number of parameters (2)", Two, Body(Text("Ann")));
        Refuses(132000, "body: number of parameters (0) does not match the expected number of parameters (2)", Two);
        Refuses(
            132000, "body: number of parameters (3) does not match the expected number of parameters (2)", Two, Body(Text("a"), Text("b"), Text("c")));
        Refuses(132000, "body: number of parameters (1) does not match the expected number of parameters (0)", Plain, Body(Text("Ann")));
    }

    [Fact]
    public void A_variable_that_stands_twice_is_given_once()
    {
        var twice = Plain with { Body = "Hi {{1}}, dear {{1}} of ours" };
        Fits(twice, Body(Text("Ann")));
        var long_one = twice with { Body = "Hi {{1}}{{1}}" };
        Fits(long_one, Body(Text(new string('x', 510))));
        Refuses(132005, "body: 1025 characters are too long, at most 1024 fit", long_one, Body(Text(new string('x', 511))));
    }

    [Theory]
    [InlineData("text", true)]
    [InlineData("TEXT", true)]
    [InlineData("currency", true)]
    [InlineData("date_time", true)]
    [InlineData("image", false)]
    [InlineData("payload", false)]
    [InlineData("", false)]
    public void A_text_takes_texts_currencies_and_dates(string type, bool fits)
    {
        var components = Body(Text("Ann"), new SentParameter(type, null, "x"));
        if (fits)
        {
            Fits(Two, components);
        }
        else
        {
            Refuses(132012, "body: parameter 2 must be of type text, currency or date_time", Two, components);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void A_parameter_has_a_text(string? text) => Refuses(132012, "body: parameter 2 has no text", Two, Body(Text("Ann"), Text(text)));

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\tb")]
    [InlineData("a     b")]
    public void A_parameters_text_is_one_line_without_gaps(string text) => Refuses(
        132018,
        "body: the text of parameter 1 can't have new lines, tabs or more than 4 blanks in a row",
        Two,
        Body(Text(text), Text("x")));

    [Fact]
    public void Four_blanks_in_a_row_are_no_gap() => Fits(Two, Body(Text("a    b    c"), Text("x")));

    [Fact]
    public void The_rendered_body_has_at_most_1024_characters()
    {
        var one = Plain with { Body = "Hello {{1}}." };
        Fits(one, Body(Text(new string('x', 1_017))));
        Fits(one, Body(Text(new string('x', 1_016) + "🎉")));
        Refuses(132005, "body: 1025 characters are too long, at most 1024 fit", one, Body(Text(new string('x', 1_018))));
        var named = one with { ParameterFormat = ParameterFormat.Named, Body = "Hello {{name}}." };
        Fits(named, Body(Text("name", new string('x', 1_017))));
        Refuses(132005, "body: 1025 characters are too long, at most 1024 fit", named, Body(Text("name", new string('x', 1_018))));
    }

    [Fact]
    public void Each_text_goes_to_its_own_variable()
    {
        var lopsided = Plain with { Body = "{{1}}{{1}}{{2}}" };
        Fits(lopsided, Body(Text("x"), Text(new string('x', 1_022))));
        Refuses(132005, "body: 1025 characters are too long, at most 1024 fit", lopsided, Body(Text(new string('x', 512)), Text("x")));
    }

    [Fact]
    public void A_variable_out_of_the_order_is_not_filled_and_nothing_fails()
    {
        Fits(Plain with { Body = "a {{7}} {{x}} b" }, Body(Text("a"), Text(new string('x', 1_020))));
        Fits(Plain with { Body = "a {{2}} b" }, Body(Text("a")));
    }

    [Fact]
    public void Named_parameters_come_in_any_order()
    {
        Fits(Named, Body(Text("no", "4711"), Text("name", "Ann")));
        Fits(Plain with { ParameterFormat = ParameterFormat.Named, Body = "{{name}}" }, Body(Text("name", "Ann")));
        Refuses(132012, "body: parameter 1 needs a parameter_name, the template's variables are named", Named, Body(Text("Ann"), Text("no", "1")));
        Refuses(132012, "body: the template has no variable named on", Named, Body(Text("name", "Ann"), Text("on", "1")));
        Refuses(132012, "body: the variable no is given more than once", Named, Body(Text("no", "Ann"), Text("no", "1")));
        Refuses(
            132012, "body: parameter 2 has a parameter_name, but the template's variables are positional", Two, Body(Text("Ann"), Text("no", "1")));
    }

    [Fact]
    public void Types_are_compared_without_case() =>
        Fits(
            Two with { Buttons = [Button(ButtonType.QuickReply)] },
            Body(Text("a"), Text("b")) with { Type = "BODY" },
            Sent(0, "QUICK_REPLY") with { Type = "Button" });

    [Fact]
    public void Unknown_and_repeated_components_are_refused()
    {
        Refuses(132018, "carousel: this type of component is not supported", Plain, new SentComponent("carousel", null, 0, []));
        Refuses(132018, "body: given more than once", Plain, Body(), Body());
        Refuses(132018, "header: given more than once", Plain, Header(), Header());
    }

    [Fact]
    public void A_text_header_takes_its_variable()
    {
        var template = Plain with { Header = new TemplateHeader(HeaderFormat.Text, "Order {{1}}", "1") };
        Fits(template, Header(Text("4711")));
        Fits(template, Header(Text(new string('x', 54))));
        Refuses(132005, "header: 61 characters are too long, at most 60 fit", template, Header(Text(new string('x', 55))));
        Refuses(132000, "header: number of parameters (0) does not match the expected number of parameters (1)", template);
        var named = Plain with { ParameterFormat = ParameterFormat.Named, Header = new TemplateHeader(HeaderFormat.Text, "Order {{no}}", "1") };
        Fits(named, Header(Text("no", "4711")));
        Refuses(132012, "header: parameter 1 needs a parameter_name, the template's variables are named", named, Header(Text("4711")));
        Fits(Plain with { Header = new TemplateHeader(HeaderFormat.Text, null, null) });
        Refuses(132000, "header: number of parameters (1) does not match the expected number of parameters (0)", Plain, Header(Text("x")));
    }

    [Theory]
    [InlineData(HeaderFormat.Image, "image")]
    [InlineData(HeaderFormat.Video, "video")]
    [InlineData(HeaderFormat.Document, "document")]
    public void A_media_header_takes_one_link_of_its_kind(HeaderFormat format, string type)
    {
        var template = Plain with { Header = new TemplateHeader(format, null, null) };
        SentParameter Media(string kind, string? link) => new(kind, null, link);
        Fits(template, Header(Media(type, "https://shop.example/a")));
        Fits(template, Header(Media(type.ToUpperInvariant(), "http://shop.example/a")));
        Refuses(132012, $"header: expected one parameter of type {type}, received none", template);
        Refuses(132012, $"header: expected one parameter of type {type}, received text", template, Header(Text("x")));
        Refuses(
            132012,
            $"header: expected one parameter of type {type}, received {type}",
            template,
            Header(Media(type, "https://shop.example/a"), Media(type, "https://shop.example/a")));
        foreach (var link in new[] { null, "", "a.png", "ftp://shop.example/a", "file:///etc/passwd" })
        {
            Refuses(132012, $"header: the {type} needs an http or https link", template, Header(Media(type, link)));
        }
    }

    [Fact]
    public void A_location_header_takes_a_location()
    {
        var template = Plain with { Header = new TemplateHeader(HeaderFormat.Location, null, null) };
        Fits(template, Header(new SentParameter("location", null, null)));
        Refuses(132012, "header: expected one parameter of type location, received none", template);
    }

    [Fact]
    public void The_header_is_looked_at_before_the_body_and_the_body_before_the_buttons()
    {
        var template = Two with { Header = new TemplateHeader(HeaderFormat.Image, null, null), Buttons = [Button(ButtonType.CopyCode)] };
        Assert.StartsWith("carousel", TemplateFit.Check(template, [new SentComponent("carousel", null, 0, [])])!.Details, StringComparison.Ordinal);
        Assert.StartsWith("header", TemplateFit.Check(template, [])!.Details, StringComparison.Ordinal);
        Assert.StartsWith("body", TemplateFit.Check(template with { Header = null }, [])!.Details, StringComparison.Ordinal);
        Assert.StartsWith("button 0", TemplateFit.Check(template with { Header = null, Body = "Hi" }, [])!.Details, StringComparison.Ordinal);
    }
}
