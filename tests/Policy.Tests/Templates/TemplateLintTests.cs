using Actors.Policy.Templates;
using static Actors.Policy.Tests.Templates.LintSamples;

namespace Actors.Policy.Tests.Templates;

public sealed class TemplateLintTests
{
    [Fact]
    public void A_well_made_template_passes()
    {
        Passes(Fine);
        Passes(Code);
        Passes(Marketing("Hello there"));
    }

    [Fact]
    public void Findings_come_in_the_order_of_the_parts_and_each_says_what_is_wrong()
    {
        var template = Fine with
        {
            Name = "Order",
            Language = "english",
            Category = Category.Service,
            Header = new TemplateHeader(HeaderFormat.Text, "", null),
            Body = " ",
            Footer = "{{1}}",
            Buttons = [Reply("")],
        };
        Assert.Equal(
            [
                new LintFinding(0, "name", "must be 1 to 512 characters out of a-z, 0-9 and underscore", true),
                new LintFinding(0, "language", "must be a language code such as en or en_US", true),
                new LintFinding(0, "category", "must be utility, authentication or marketing", true),
                new LintFinding(2388047, "components[0].text", "must be one line of text", true),
                new LintFinding(2388072, "components[1].text", "must be 1 to 1024 characters", true),
                new LintFinding(2388073, "components[2].text", "a footer has no variables", true),
                new LintFinding(0, "components[3].buttons[0].text", "must be one line of text without variables", true),
            ],
            TemplateLint.Check(template));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("az_09", true)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("a-b", false)]
    [InlineData("é", false)]
    public void Names_are_lower_case_digits_and_underscores(string name, bool fits) => Check(Fine with { Name = name }, fits, "name");

    [Fact]
    public void Names_have_at_most_512_characters()
    {
        Passes(Fine with { Name = new string('a', 512) });
        Refuses(Fine with { Name = new string('a', 513) }, (0, "name"));
    }

    [Theory]
    [InlineData("en", true)]
    [InlineData("fil", true)]
    [InlineData("en_US", true)]
    [InlineData("zh_Hans", true)]
    [InlineData("es_419", true)]
    [InlineData("", false)]
    [InlineData("e", false)]
    [InlineData("engl", false)]
    [InlineData("EN", false)]
    [InlineData("eN", false)]
    [InlineData("en_", false)]
    [InlineData("en_U", false)]
    [InlineData("en_USAAA", false)]
    [InlineData("en_U-", false)]
    [InlineData("en_US_x", false)]
    public void Languages_are_codes(string language, bool fits) => Check(Fine with { Language = language }, fits, "language");

    [Fact]
    public void A_text_header_is_one_short_line_with_at_most_one_variable_and_its_sample()
    {
        TemplateContent Header(string? text, string? example = null) =>
            Marketing("Hello there") with { Header = new TemplateHeader(HeaderFormat.Text, text, example) };
        Passes(Header(new string('x', 60)));
        Refuses(Header(new string('x', 61)), (2388040, "components[0].text"));
        Refuses(Header(null), (2388047, "components[0].text"));
        Refuses(Header("a\nb"), (2388047, "components[0].text"));
        Passes(Header("Hi {{1}}", "Ann"));
        Refuses(Header("Hi {{1}}"), (2388047, "components[0].example"));
        Refuses(Header("Hi {{1}} and {{2}}", "Ann"), (2388047, "components[0].text"));
        Refuses(Header("Hi {{2}}", "Ann"), (2388047, "components[0].text"));
    }

    [Fact]
    public void A_media_header_has_no_text_and_better_a_sample()
    {
        TemplateContent Header(HeaderFormat format, string? text, string? example) =>
            Marketing("Hello there") with { Header = new TemplateHeader(format, text, example) };
        Passes(Header(HeaderFormat.Image, null, "https://shop.example/a.png"));
        Passes(Header(HeaderFormat.Location, null, null));
        Refuses(Header(HeaderFormat.Video, "x", "https://shop.example/a.mp4"), (2388047, "components[0].text"));
        var remark = Assert.Single(TemplateLint.Check(Header(HeaderFormat.Document, null, null)));
        Assert.Equal(new LintFinding(0, "components[0].example", "a sample of the media helps review", false), remark);
    }

    [Fact]
    public void A_body_has_at_most_1024_characters_and_an_emoji_is_one()
    {
        Passes(Marketing(new string('x', 1_024)));
        Refuses(Marketing(new string('x', 1_025)), (2388040, "components[0].text"));
        Passes(Marketing(new string('x', 1_023) + "🎉"));
        Assert.Equal("has 1025 characters, at most 1024 are allowed", TemplateLint.Check(Marketing(new string('x', 1_025)))[0].Message);
    }

    [Fact]
    public void Components_are_numbered_by_the_parts_that_there_are()
    {
        Refuses(Fine with { Body = "" }, (2388072, "components[1].text"));
        Refuses(Fine with { Header = null, Body = "" }, (2388072, "components[0].text"));
        Refuses(Fine with { Header = null, Footer = null, Buttons = [Reply("")] }, (0, "components[1].buttons[0].text"));
    }

    [Theory]
    [InlineData("Hi {{1}}, welcome to our shop", 0)]
    [InlineData("Hi {{1}}, dear {{1}} of ours", 0)]
    [InlineData("Hi {{2}}, welcome to our shop", 2388072)]
    [InlineData("Hi {{0}}, welcome to our shop", 2388072)]
    [InlineData("Hi {{name}}, welcome to our shop", 2388072)]
    [InlineData("Hi {{ 1 }}, welcome to our shop", 2388072)]
    [InlineData("Hi {{#1}}, welcome to our shop", 2388072)]
    [InlineData("Hi {{}}, welcome to our shop", 2388072)]
    [InlineData("{{1}} welcome to our shop", 2388299)]
    [InlineData(" {{1}} welcome to our shop", 2388299)]
    [InlineData("welcome to our shop {{1}}", 2388299)]
    [InlineData("welcome to our shop {{1}} ", 2388299)]
    [InlineData("Hi {{1}} there", 0)]
    [InlineData("Hi {{1}}!", 2388293)]
    public void Positional_variables_are_numbered_and_stand_between_words(string body, int subcode)
    {
        if (subcode == 0)
        {
            Passes(Marketing(body, "Ann"));
        }
        else
        {
            Refuses(Marketing(body, "Ann"), (subcode, "components[0].text"));
        }
    }

    [Fact]
    public void Numbers_left_out_are_one_finding() =>
        Refuses(Marketing("Hi {{3}}, dear {{4}} of our shop", "Ann", "Lee"), (2388072, "components[0].text"));

    [Fact]
    public void Braces_belong_to_variables()
    {
        Refuses(Marketing("Hi {{1}} and {{ so on", "Ann"), (2388072, "components[0].text"));
        Refuses(Marketing("Hi there }} so on"), (2388072, "components[0].text"));
        Refuses(Marketing("Hi there {{ so on"), (2388072, "components[0].text"));
        Refuses(Marketing("Hi }} dear {{1}} of ours", "Ann"), (2388072, "components[0].text"));
        Passes(Marketing("Hi { there } so on"));
    }

    [Fact]
    public void Between_two_variables_there_are_words()
    {
        Refuses(Marketing("Hi dear {{1}} {{2}} of our shop", "Ann", "Lee"), (2388072, "components[0].text"));
        Refuses(Marketing("Hi dear {{1}}{{2}} of our shop", "Ann", "Lee"), (2388072, "components[0].text"));
        Passes(Marketing("Hi dear {{1}} or {{2}} of our shop", "Ann", "Lee"));
    }

    [Fact]
    public void The_more_variables_the_more_words()
    {
        Passes(Marketing("Hi {{1}}, order {{2}} here.", "Ann", "1"));
        var dense = Marketing("Hi {{1}}, order {{2}}.", "Ann", "1");
        Refuses(dense, (2388293, "components[0].text"));
        Assert.Equal("has too many variables for its length: 2 need at least 5 words", TemplateLint.Check(dense)[0].Message);
    }

    [Fact]
    public void Each_positional_variable_has_its_sample()
    {
        Passes(Marketing(BodyOfTwo, "Ann", "1"));
        Refuses(Marketing(BodyOfTwo, "Ann"), (2388072, "components[0].example"));
        Refuses(Marketing(BodyOfTwo, "Ann", " "), (2388072, "components[0].example"));
        Refuses(Marketing(BodyOfTwo, "Ann", "1", "2"), (2388072, "components[0].example"));
        Refuses(Marketing("Hello there", "Ann"), (2388072, "components[0].example"));
        Refuses(Marketing(BodyOfTwo) with { BodyExamples = default }, (2388072, "components[0].example"));
    }

    [Fact]
    public void Named_variables_are_lower_snake_case_and_have_samples_by_name()
    {
        TemplateContent Named(string body, params ReadOnlySpan<string> examples) => Marketing(body, examples) with { ParameterFormat = ParameterFormat.Named };
        Passes(Named("Hi {{first_name}}, order {{no_2}} is here.", "no_2=4711", "first_name=Ann"));
        foreach (var wrong in new[] { "{{1}}", "{{Name}}", "{{na-me}}", "{{_name}}", "{{}}", "{{na me}}" })
        {
            Refuses(Named($"Hi {wrong}, welcome to us", $"{wrong.Trim('{', '}')}=x"), (2388072, "components[0].text"));
        }

        Refuses(Named("Hi {{name}}, order {{No}} is here.", "name=Ann", "No=1"), (2388072, "components[0].text"));
        foreach (var sample in new[] { "name=", "name", "nam=x", "other=Ann", "name:Ann", "Name=Ann" })
        {
            Refuses(Named("Hi {{name}}, welcome to us", sample), (2388072, "components[0].example"));
        }

        Refuses(Named("Hi {{name}}, welcome to us", "name=Ann", "name=Bob"), (2388072, "components[0].example"));
        Refuses(Named("Hi {{name}}, order {{no}} is here.", "name=Ann", "name=Bob"), (2388072, "components[0].example"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData("\u202e\u200b")]
    [InlineData("\u00a0\ufeff\u0007\u2060")]
    [InlineData("\U000e0020")]
    [InlineData("\u2800\u3164\ufe0f\u034f")]
    public void What_nobody_sees_is_no_text(string blank)
    {
        Refuses(Fine with { Body = blank, BodyExamples = [] }, (2388072, "components[1].text"));
        Refuses(Fine with { Footer = blank }, (2388073, "components[2].text"));
        Refuses(Fine with { Header = new TemplateHeader(HeaderFormat.Text, blank, null) }, (2388047, "components[0].text"));
        Refuses(Fine with { Buttons = [Reply(blank)] }, (0, "components[3].buttons[0].text"));
        Passes(Fine with { Footer = blank + "x" });
        Passes(Fine with { Footer = "❤\ufe0f" });
    }

    [Fact]
    public void A_footer_is_one_short_line_without_variables()
    {
        Passes(Fine with { Footer = new string('x', 60) });
        Refuses(Fine with { Footer = new string('x', 61) }, (2388040, "components[2].text"));
        Refuses(Fine with { Footer = " " }, (2388073, "components[2].text"));
        Refuses(Fine with { Footer = "a\nb" }, (2388073, "components[2].text"));
        Refuses(Fine with { Footer = "a {{1" }, (2388073, "components[2].text"));
        Refuses(Fine with { Footer = "a }} b" }, (2388073, "components[2].text"));
    }

    [Fact]
    public void A_category_that_does_not_exist_is_refused() =>
        Refuses(Marketing("Hello there") with { Category = Category.Service }, (0, "category"));
}
