using System.Collections.Immutable;
using System.Globalization;
using Actors.Policy.Templates;

namespace Actors.Policy.Sends.Rules;

/// <summary>A template exists in that language, is approved and neither paused nor disabled, and the parameters fit it.</summary>
internal sealed class TemplateRule : GateRule<AdmissionFacts>
{
    public override Rule Rule => Rule.Template;

    public override Verdict Check(in AdmissionFacts send)
    {
        if (!send.IsTemplate)
        {
            return Verdict.NotApplicable;
        }

        if (send.TemplateStatus is not { } status)
        {
            return Verdict.Refuse(Reason.TemplateUnknown);
        }

        return status switch
        {
            TemplateStatus.Pending or TemplateStatus.Rejected => Verdict.Refuse(Reason.TemplateUnknown),
            TemplateStatus.Paused => Verdict.Refuse(Reason.TemplatePaused),
            TemplateStatus.Disabled => Verdict.Refuse(Reason.TemplateDisabled),
            TemplateStatus.Approved => send.TemplateMismatch is null ? Verdict.Pass : Verdict.Refuse(Reason.TemplateMismatch),
        };
    }

    public override ImmutableArray<Fact> Facts(in AdmissionFacts send)
    {
        if (!send.IsTemplate)
        {
            return [];
        }

        var status = new Fact("template_status", send.TemplateStatus is { } known ? Words.Of(known) : "unknown", Public: true);
        return send.TemplateMismatch is { } mismatch
            ?
            [
                status,
                new("mismatch_code", mismatch.Code.ToString(CultureInfo.InvariantCulture), Public: true),
                new("mismatch", mismatch.Details, Public: true),
            ]
            : [status];
    }
}
