using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Templates;
using Orleans.Serialization.Cloning;

namespace Actors.Contracts;

/// <summary>
/// How the policy's templates cross a grain call. The policy references nothing, so each of its types has a surrogate that is sent in its
/// place. All are immutable: within a node they are passed as they are.
/// </summary>
/// <remarks>A member added to the type is added to its surrogate with the next id; no id is ever used again.</remarks>
[RegisterConverter]
internal sealed class TemplateConverters :
    IConverter<TemplateHeader, TemplateHeaderSurrogate>,
    IConverter<TemplateButton, TemplateButtonSurrogate>,
    IConverter<TemplateContent, TemplateContentSurrogate>,
    IConverter<LintFinding, LintFindingSurrogate>
{
    public TemplateHeader ConvertFromSurrogate(in TemplateHeaderSurrogate s) => new(s.Format, s.Text, s.Example);

    public TemplateHeaderSurrogate ConvertToSurrogate(in TemplateHeader v) => new(v.Format, v.Text, v.Example);

    public TemplateButton ConvertFromSurrogate(in TemplateButtonSurrogate s) => new(s.Type, s.Text, s.Url, s.PhoneNumber, s.Example);

    public TemplateButtonSurrogate ConvertToSurrogate(in TemplateButton v) => new(v.Type, v.Text, v.Url, v.PhoneNumber, v.Example);

    public TemplateContent ConvertFromSurrogate(in TemplateContentSurrogate s) => new()
    {
        Name = s.Name,
        Language = s.Language,
        Category = s.Category,
        ParameterFormat = s.ParameterFormat,
        Header = s.Header,
        Body = s.Body,
        BodyExamples = s.BodyExamples,
        Footer = s.Footer,
        Buttons = s.Buttons,
        Life = s.Life,
    };

    public TemplateContentSurrogate ConvertToSurrogate(in TemplateContent v) => new(
        v.Name, v.Language, v.Category, v.ParameterFormat, v.Header, v.Body, v.BodyExamples, v.Footer, v.Buttons, v.Life);

    public LintFinding ConvertFromSurrogate(in LintFindingSurrogate s) => new(s.Subcode, s.Field, s.Message, s.Refuses);

    public LintFindingSurrogate ConvertToSurrogate(in LintFinding v) => new(v.Subcode, v.Field, v.Message, v.Refuses);
}

[GenerateSerializer, Immutable, Alias("actors.policy.template-header")]
internal readonly record struct TemplateHeaderSurrogate(
    [property: Id(0)] HeaderFormat Format, [property: Id(1)] string? Text, [property: Id(2)] string? Example);

[GenerateSerializer, Immutable, Alias("actors.policy.template-button")]
internal readonly record struct TemplateButtonSurrogate(
    [property: Id(0)] ButtonType Type, [property: Id(1)] string Text, [property: Id(2)] string? Url, [property: Id(3)] string? PhoneNumber,
    [property: Id(4)] string? Example);

[GenerateSerializer, Immutable, Alias("actors.policy.template-content")]
internal readonly record struct TemplateContentSurrogate(
    [property: Id(0)] string Name, [property: Id(1)] string Language, [property: Id(2)] Category Category,
    [property: Id(3)] ParameterFormat ParameterFormat, [property: Id(4)] TemplateHeader? Header, [property: Id(5)] string Body,
    [property: Id(6)] ImmutableArray<string> BodyExamples, [property: Id(7)] string? Footer,
    [property: Id(8)] ImmutableArray<TemplateButton> Buttons, [property: Id(9)] TimeSpan? Life);

[GenerateSerializer, Immutable, Alias("actors.policy.lint-finding")]
internal readonly record struct LintFindingSurrogate(
    [property: Id(0)] int Subcode, [property: Id(1)] string Field, [property: Id(2)] string Message, [property: Id(3)] bool Refuses);

[RegisterCopier]
internal sealed class TemplateHeaderCopier : ShallowCopier<TemplateHeader>;

[RegisterCopier]
internal sealed class TemplateButtonCopier : ShallowCopier<TemplateButton>;

[RegisterCopier]
internal sealed class TemplateContentCopier : ShallowCopier<TemplateContent>;

[RegisterCopier]
internal sealed class LintFindingCopier : ShallowCopier<LintFinding>;
