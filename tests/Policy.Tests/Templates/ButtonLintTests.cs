using Actors.Policy.Templates;
using static Actors.Policy.Tests.Templates.LintSamples;

namespace Actors.Policy.Tests.Templates;

public sealed class ButtonLintTests
{
    [Fact]
    public void An_authentication_template_has_a_code_button_and_nothing_of_its_own()
    {
        Refuses(Code with { Body = "Your code is {{1}}." }, (2388072, "components[0].text"));
        Refuses(Code with { Header = new TemplateHeader(HeaderFormat.Text, "Code", null) }, (2388047, "components[0]"));
        Refuses(Code with { Header = new TemplateHeader(HeaderFormat.Text, "", null) }, (2388047, "components[0]"));
        Refuses(Code with { Footer = "Yours" }, (2388073, "components[1].text"));
        Refuses(Code with { Buttons = [] }, (0, "components[1].buttons"));
        Refuses(Code with { Buttons = default }, (0, "components[1].buttons"));
        Refuses(Code with { Buttons = [Reply("x")] }, (0, "components[1].buttons"));
        Refuses(Code with { Buttons = [.. Code.Buttons, .. Code.Buttons] }, (0, "components[1].buttons"));
        Refuses(With([.. Code.Buttons]), (0, "components[1].buttons[0].type"));
    }

    [Fact]
    public void There_are_so_many_buttons_of_each_kind()
    {
        Passes(With([.. Enumerable.Repeat(Reply("a"), 10)]));
        Refuses(With([.. Enumerable.Repeat(Reply("a"), 11)]), (0, "components[1].buttons"));
        Passes(With(Url("https://a.example"), Url("https://b.example")));
        Refuses(With([.. Enumerable.Repeat(Url("https://a.example"), 3)]), (0, "components[1].buttons"));
        Refuses(With(Phone("+491"), Phone("+491")), (0, "components[1].buttons"));
        Refuses(With(Copy("A1"), Copy("A1")), (0, "components[1].buttons"));
        Says("has 11 buttons, at most 10 are allowed", With([.. Enumerable.Repeat(Reply("a"), 11)]));
        Says("has 3 buttons of type URL, at most 2 are allowed", With([.. Enumerable.Repeat(Url("https://a.example"), 3)]));
        Says("has 2 buttons of type PHONE_NUMBER, at most 1 are allowed", With(Phone("+491"), Phone("+491")));
        Says("has 2 buttons of type COPY_CODE, at most 1 are allowed", With(Copy("A1"), Copy("A1")));

        static void Says(string message, TemplateContent template) => Assert.Equal(message, TemplateLint.Check(template)[0].Message);
    }

    [Fact]
    public void Quick_replies_stand_together()
    {
        Passes(With(Reply("a"), Reply("b"), Phone("+491")));
        Passes(With(Phone("+491"), Reply("a"), Reply("b")));
        Refuses(With(Reply("a"), Phone("+491"), Reply("b")), (0, "components[1].buttons"));
        Refuses(With(Phone("+491"), Reply("a"), Url("https://a.example")), (0, "components[1].buttons"));
    }

    [Fact]
    public void A_label_is_one_short_line()
    {
        Passes(With(Reply(new string('x', 25))));
        Refuses(With(Reply(new string('x', 26))), (2388040, "components[1].buttons[0].text"));
        Refuses(With(Reply("")), (0, "components[1].buttons[0].text"));
        Refuses(With(Reply("Hi {{1}}")), (0, "components[1].buttons[0].text"));
        Refuses(With(Reply("a\nb")), (0, "components[1].buttons[0].text"));
        Passes(With(Copy("A1") with { Text = "Copy" }));
        Refuses(With(Copy("A1") with { Text = " " }), (0, "components[1].buttons[0].text"));
        Refuses(Code with { Buttons = [Code.Buttons[0] with { Text = new string('x', 26) }] }, (2388040, "components[1].buttons[0].text"));
    }

    [Theory]
    [InlineData("https://shop.example", true)]
    [InlineData("http://shop.example/a?b={{1}}", true)]
    [InlineData("http://a/{{1}}", true)]
    [InlineData("https://shop.example{{1}}", false)]
    [InlineData("http://a{{1}}", false)]
    [InlineData("https://", false)]
    [InlineData("http:///x", false)]
    [InlineData("https://shop.example/{{1}}/more", false)]
    [InlineData("https://shop.example/{{2}}", false)]
    [InlineData("https://shop.example/{{1}}{{2}}", false)]
    [InlineData("{{1}}", false)]
    [InlineData("ftp://shop.example", false)]
    [InlineData("shop.example", false)]
    [InlineData("", false)]
    public void An_address_is_on_the_web_with_a_variable_only_at_its_end(string url, bool fits) =>
        Check(With(Url(url, "x")), fits, "components[1].buttons[0].url");

    [Fact]
    public void An_address_has_at_most_2000_characters_and_a_sample_for_its_variable()
    {
        var url = "https://shop.example/".PadRight(2_000, 'x');
        Passes(With(Url(url)));
        Refuses(With(Url(url + "x")), (2388040, "components[1].buttons[0].url"));
        Refuses(With(Url("https://shop.example/{{1}}")), (0, "components[1].buttons[0].example"));
        Refuses(With(Url("{{1}}")), (0, "components[1].buttons[0].url"), (0, "components[1].buttons[0].example"));
        Refuses(With(Url("https://shop.example") with { Url = null }), (0, "components[1].buttons[0].url"));
    }

    [Theory]
    [InlineData("+4915112345678", true)]
    [InlineData("15112345678", true)]
    [InlineData("+1234567890123456789", true)]
    [InlineData("+12345678901234567890", false)]
    [InlineData("", false)]
    [InlineData("+", false)]
    [InlineData("+49 151", false)]
    [InlineData(null, false)]
    public void A_phone_number_is_digits(string? number, bool fits) =>
        Check(With(Phone("") with { PhoneNumber = number }), fits, "components[1].buttons[0].phone_number");

    [Theory]
    [InlineData("A1b2", true)]
    [InlineData("123456789012345", true)]
    [InlineData("1234567890123456", false)]
    [InlineData("", false)]
    [InlineData("A 1", false)]
    [InlineData(null, false)]
    public void A_sample_code_is_letters_and_digits(string? code, bool fits) => Check(With(Copy(code)), fits, "components[1].buttons[0].example");
}
