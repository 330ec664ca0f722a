using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy.Templates;
using CsCheck;
using static Actors.Policy.Tests.Templates.FitSamples;

namespace Actors.Policy.Tests.Templates;

/// <summary>What the reader of a template sees.</summary>
public sealed class TemplateRenderingTests
{
    [Fact]
    public void Positional_parameters_stand_in_the_places_of_their_numbers()
    {
        Assert.Equal("Hello Ann, your order 4711 is on its way.", Render(Two, Body(Text("Ann"), Text("4711"))).Body);
        Assert.Equal("4711: Ann, Ann.", Render(Two with { Body = "{{2}}: {{1}}, {{1}}." }, Body(Text("Ann"), Text("4711"))).Body);
    }

    [Fact]
    public void Named_parameters_stand_in_the_places_of_their_names_in_whatever_order() =>
        Assert.Equal("Hello Ann, your order 4711 is here.", Render(Named, Body(Text("no", "4711"), Text("name", "Ann"))).Body);

    [Fact]
    public void A_parameter_that_looks_like_a_variable_is_text() =>
        Assert.Equal("Hello {{2}}, your order {{1}} is on its way.", Render(Two, Body(Text("{{2}}"), Text("{{1}}"))).Body);

    [Fact]
    public void A_variable_without_a_parameter_stays()
    {
        Assert.Equal(Two.Body, Render(Two).Body);
        Assert.Equal("Hello Ann, your order {{2}} is on its way.", Render(Two, Body(Text("Ann"))).Body);
        Assert.Equal(Named.Body, Render(Named, Body(Text("Ann"))).Body);
        Assert.Equal(Named.Body, TemplateRendering.Render(Named, default).Body);
        Assert.Equal("{{0}} {{x}} {{", Render(Plain with { Body = "{{0}} {{x}} {{" }, Body(Text("Ann"))).Body);
    }

    [Fact]
    public void A_header_is_a_text_a_medium_or_a_place()
    {
        var text = Plain with { Header = new(HeaderFormat.Text, "Dear {{1}}", "Ann") };
        Assert.Equal(new(HeaderFormat.Text, "Dear Bob", null), Render(text, Header(Text("Bob"))).Header);
        Assert.Null(Render(Plain).Header);
        var image = Plain with { Header = new(HeaderFormat.Image, null, "https://example.org/sample") };
        Assert.Equal(
            new(HeaderFormat.Image, null, "https://example.org/1.png"),
            Render(image, Header(new SentParameter("image", null, "https://example.org/1.png"))).Header);
        Assert.Equal(new(HeaderFormat.Image, null, null), Render(image).Header);
        var place = Plain with { Header = new(HeaderFormat.Location, null, null) };
        Assert.Equal(new(HeaderFormat.Location, null, null), Render(place, Header(new SentParameter("location", null, null))).Header);
    }

    [Fact]
    public void Footer_and_buttons_are_there_with_what_they_open_call_and_copy()
    {
        var template = Plain with
        {
            Footer = "Reply STOP to end",
            Buttons =
            [
                new(ButtonType.QuickReply, "Yes", null, null, null),
                new(ButtonType.Url, "Track", "https://example.org/track/{{1}}", null, "x"),
                new(ButtonType.Url, "Shop", "https://example.org/", null, null),
                new(ButtonType.PhoneNumber, "Call", null, "+4930123456", null),
                new(ButtonType.CopyCode, "Copy", null, null, "SAVE"),
            ],
        };

        var seen = Render(
            template,
            Sent(4, "copy_code", new SentParameter("coupon_code", null, "SAVE20")),
            Sent(0, "quick_reply", new SentParameter("payload", null, "hidden")),
            Sent(1, "url", Text("4711")));

        Assert.Equal("Reply STOP to end", seen.Footer);
        Assert.Equal(
            [
                new(ButtonType.QuickReply, "Yes", null),
                new(ButtonType.Url, "Track", "https://example.org/track/4711"),
                new(ButtonType.Url, "Shop", "https://example.org/"),
                new(ButtonType.PhoneNumber, "Call", "+4930123456"),
                new(ButtonType.CopyCode, "Copy", "SAVE20"),
            ],
            seen.Buttons);
    }

    [Fact]
    public void A_one_time_code_is_said_in_the_platforms_words_and_copied_by_its_button()
    {
        var seen = Render(Code, Body(Text("123456")), Sent(0, "url", Text("123456")));

        Assert.Equal("123456 is your verification code.", seen.Body);
        Assert.Equal([new(ButtonType.Otp, "x", "123456")], seen.Buttons);
    }

    /// <summary>An independent way to say it: the text is cut at its variables, and put together again with the parameters between.</summary>
    [Fact]
    public void Texts_between_variables_stay_and_every_variable_is_filled() => Gen.Select(
        Gen.String[Gen.Char['a', 'z'], 0, 5].Array[1, 6], Gen.Bool, Gen.Int[0, 1_000]).Sample((parts, named, seed) =>
    {
        var count = parts.Length - 1;
        var order = Enumerable.Range(0, count).ToArray();
        new Random(seed).Shuffle(order);
        var body = parts[0] + string.Concat(order.Select((variable, i) => $"{{{{{Name(variable)}}}}}{parts[i + 1]}"));
        ImmutableArray<SentParameter> parameters =
            [.. Enumerable.Range(0, count).Select(i => new SentParameter("text", named ? Name(i) : null, $"<{i}>"))];
        var template = Plain with { Body = body, ParameterFormat = named ? ParameterFormat.Named : ParameterFormat.Positional };

        var expected = parts[0] + string.Concat(order.Select((variable, i) => $"<{variable}>{parts[i + 1]}"));
        Assert.Equal(expected, TemplateRendering.Render(template, [new SentComponent("BODY", null, 0, parameters)]).Body);

        string Name(int variable) => named ? $"v_{variable}" : (variable + 1).ToString(CultureInfo.InvariantCulture);
    });

    private static RenderedTemplate Render(TemplateContent template, params ReadOnlySpan<SentComponent> components) =>
        TemplateRendering.Render(template, [.. components]);
}
