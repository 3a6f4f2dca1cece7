from nuke._curveknob import *
